"""permessage-deflate in the peers on Python's websockets.

The environment variable INTEROP_COMPRESSION says what is wanted, as JSON: true (or
nothing) for the defaults, false for none, or the arguments of the library's factory.
"""

import json
import os


def options(factory):
    """The arguments of `connect` and `serve`; `factory` is that of the role."""
    wanted = json.loads(os.environ.get("INTEROP_COMPRESSION", "true"))
    if wanted is False:
        return {"compression": None}
    return {} if wanted is True else {"extensions": [factory(**wanted)]}


def agreed(connection, role):
    """What the library made of the negotiation, as parameters; 15 bits go without saying."""
    names = []
    for extension in connection.extensions:
        sides = ["local", "remote"] if role == "server" else ["remote", "local"]
        names.append("permessage-deflate")
        for name, side in zip(["server", "client"], sides):
            if getattr(extension, f"{side}_no_context_takeover"):
                names.append(f"{name}_no_context_takeover")
            bits = getattr(extension, f"{side}_max_window_bits")
            if bits < 15:
                names.append(f"{name}_max_window_bits={bits}")
    return "; ".join(names)
