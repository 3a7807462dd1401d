// An echo server on gorilla/websocket.
//
// Takes the port as its only argument (0: the system chooses), listens on
// 127.0.0.1, and prints `listening HOST:PORT`, then `closed CODE REASON` for
// every connection that ends with a close frame.
//
//	/echo       every message comes back as it came
//	/strict     the same, but text that is not UTF-8 is answered with a close frame, 1007
//	/fragments  every message comes back as several fragments, with pings between them
//	/mixed      text comes back compressed, bytes come back as they are
//	/ping       a ping at the start; the text "answered" when its pong arrives
//	/close      the first message is answered with a close frame, 4000 "bye"
//
// The environment variable INTEROP_COMPRESSION may be true, also without it, or
// false; the library has nothing else to choose.
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// With this little room a message of a few thousand bytes leaves as several fragments.
const smallBuffer = 1024

// answer handles one message; a connection ends with its first error.
type answer func(conn *websocket.Conn, kind int, payload []byte) error

func echo(conn *websocket.Conn, kind int, payload []byte) error {
	return conn.WriteMessage(kind, payload)
}

// echoText looks at text when it is complete, which the library leaves to those who use it.
func echoText(conn *websocket.Conn, kind int, payload []byte) error {
	if kind == websocket.TextMessage && !utf8.Valid(payload) {
		code := websocket.CloseInvalidFramePayloadData
		if err := control(conn, websocket.CloseMessage, websocket.FormatCloseMessage(code, "")); err != nil {
			return err
		}
		return errors.New("text that is not UTF-8")
	}
	return conn.WriteMessage(kind, payload)
}

// echoInFragments writes through a message writer in quarters, because a server
// sends a message that it is given whole as a single frame.
func echoInFragments(conn *websocket.Conn, kind int, payload []byte) error {
	writer, err := conn.NextWriter(kind)
	if err != nil {
		return err
	}
	step := (len(payload) + 3) / 4
	for rest := payload; len(rest) > 0; rest = rest[min(step, len(rest)):] {
		if len(rest) < len(payload) {
			if err := control(conn, websocket.PingMessage, []byte("between")); err != nil {
				return err
			}
		}
		if _, err := writer.Write(rest[:min(step, len(rest))]); err != nil {
			return err
		}
	}
	return writer.Close()
}

func echoMixed(conn *websocket.Conn, kind int, payload []byte) error {
	conn.EnableWriteCompression(kind == websocket.TextMessage)
	return conn.WriteMessage(kind, payload)
}

func closeFirst(conn *websocket.Conn, _ int, _ []byte) error {
	return control(conn, websocket.CloseMessage, websocket.FormatCloseMessage(4000, "bye"))
}

// startPing sends the ping; its pong arrives while the connection waits for messages.
func startPing(conn *websocket.Conn) error {
	const payload = "are you there"
	conn.SetPongHandler(func(received string) error {
		if received != payload {
			return fmt.Errorf("the pong carries %q, not %q", received, payload)
		}
		return conn.WriteMessage(websocket.TextMessage, []byte("answered"))
	})
	return control(conn, websocket.PingMessage, []byte(payload))
}

func control(conn *websocket.Conn, kind int, payload []byte) error {
	return conn.WriteControl(kind, payload, time.Now().Add(5*time.Second))
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

// handler upgrades a request, calls start if there is one, and answers every message.
func handler(upgrader websocket.Upgrader, start func(*websocket.Conn) error, reply answer) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		conn, err := upgrader.Upgrade(response, request, nil)
		if err != nil {
			log.Print("upgrade: ", err)
			return
		}
		defer conn.Close()
		if start != nil {
			err = start(conn)
		}
		for err == nil {
			var kind int
			var payload []byte
			if kind, payload, err = conn.ReadMessage(); err == nil {
				err = reply(conn, kind, payload)
			}
		}
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			fmt.Println("closed", closed.Code, closed.Text)
		} else {
			log.Print("connection: ", err)
		}
	}
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: echo_server PORT")
	}
	compress := os.Getenv("INTEROP_COMPRESSION") != "false"
	upgrader := websocket.Upgrader{EnableCompression: compress, Subprotocols: []string{"echo"}}
	fragmenting := websocket.Upgrader{EnableCompression: compress, WriteBufferSize: smallBuffer}
	http.Handle("/echo", handler(upgrader, nil, echo))
	http.Handle("/strict", handler(upgrader, nil, echoText))
	http.Handle("/fragments", handler(fragmenting, nil, echoInFragments))
	http.Handle("/mixed", handler(upgrader, nil, echoMixed))
	http.Handle("/ping", handler(upgrader, startPing, echo))
	http.Handle("/close", handler(upgrader, nil, closeFirst))

	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
