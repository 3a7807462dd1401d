// A client on gorilla/websocket that runs the interop checks.
//
//	client URL CHECK...
//
// Prints one line of JSON per check: {"check":…,"ok":true,"extensions":…} or
// {"check":…,"error":…}. What each check means is written in ../../../checks.ts. The
// environment variable INTEROP_COMPRESSION may be true, also without it, or false; the
// library has nothing else to choose.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const patience = 10 * time.Second

// As in ../../exerciser.mjs.
const (
	scrambledLength = 100000
	jsonSize        = 1280
)

// A client of this library cuts a message where its write buffer is full. With
// a large buffer every message is one frame; with the default of 4 KiB a long
// one leaves as fragments, cut without regard to characters.
var (
	compress    = os.Getenv("INTEROP_COMPRESSION") != "false"
	whole       = websocket.Dialer{HandshakeTimeout: patience, EnableCompression: compress, WriteBufferSize: 2 << 20}
	fragmenting = websocket.Dialer{HandshakeTimeout: patience, EnableCompression: compress}
)

func textOf(size int) []byte {
	payload := make([]byte, size)
	for i := range payload {
		payload[i] = byte('a' + i%26)
	}
	return payload
}

func binaryOf(size int) []byte {
	payload := make([]byte, size)
	for i := range payload {
		payload[i] = byte(i * 7)
	}
	return payload
}

func randomOf(size int) []byte {
	payload := make([]byte, size)
	rand.New(rand.NewSource(1)).Read(payload)
	return payload
}

// scrambled is text that can be compressed to an eighth or so.
func scrambled() []byte {
	characters := []rune("aß水🌊")
	text := make([]rune, scrambledLength)
	for i, number := range randomOf(len(text)) {
		text[i] = characters[number%4]
	}
	return []byte(string(text))
}

// jsonOf is JSON text of at most so many bytes.
func jsonOf(size int) []byte {
	text := []byte{'['}
	for id := 0; ; id++ {
		row := fmt.Sprintf(`{"id":%d,"name":"aß水🌊","value":%d},`, id, id*7919%1000)
		if len(text)+len(row) > size {
			text[len(text)-1] = ']'
			return text
		}
		text = append(text, row...)
	}
}

func expect(conn *websocket.Conn, kind int, payload []byte) error {
	gotKind, got, err := conn.ReadMessage()
	if err != nil {
		return err
	}
	if gotKind != kind {
		return fmt.Errorf("expected a message of opcode %d, got %d", kind, gotKind)
	}
	if !bytes.Equal(got, payload) {
		return fmt.Errorf("expected %d bytes back, got %d that differ", len(payload), len(got))
	}
	return nil
}

func echoes(conn *websocket.Conn, kind int, payload []byte) error {
	if err := conn.WriteMessage(kind, payload); err != nil {
		return err
	}
	return expect(conn, kind, payload)
}

func control(conn *websocket.Conn, kind int, payload []byte) error {
	return conn.WriteControl(kind, payload, time.Now().Add(patience))
}

// expectClose reads until the close frame of the server and checks its code.
func expectClose(conn *websocket.Conn, code int) error {
	_, _, err := conn.ReadMessage()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) {
		return fmt.Errorf("expected a close frame, got %v", err)
	}
	if closed.Code != code {
		return fmt.Errorf("expected close code %d, got %d", code, closed.Code)
	}
	return nil
}

func closes(conn *websocket.Conn, code int) error {
	if err := control(conn, websocket.CloseMessage, websocket.FormatCloseMessage(code, "the check is over")); err != nil {
		return err
	}
	return expectClose(conn, code)
}

// pings expects the pong before the echo of a message that follows the ping.
func pings(conn *websocket.Conn) error {
	const payload = "round trip"
	answered := false
	conn.SetPongHandler(func(received string) error {
		answered = received == payload
		return nil
	})
	if err := control(conn, websocket.PingMessage, []byte(payload)); err != nil {
		return err
	}
	if err := echoes(conn, websocket.TextMessage, []byte("after the ping")); err != nil {
		return err
	}
	if !answered {
		return errors.New("no pong with the payload of the ping")
	}
	return nil
}

type message struct {
	kind    int
	payload []byte
}

// allEcho sends all messages before it reads any.
func allEcho(conn *websocket.Conn, messages []message) error {
	for _, message := range messages {
		if err := conn.WriteMessage(message.kind, message.payload); err != nil {
			return err
		}
	}
	for i, message := range messages {
		if err := expect(conn, message.kind, message.payload); err != nil {
			return fmt.Errorf("message %d: %w", i, err)
		}
	}
	return nil
}

func burst(conn *websocket.Conn, count int) error {
	messages := make([]message, count)
	for i := range messages {
		messages[i] = message{websocket.TextMessage, []byte(strconv.Itoa(i))}
	}
	return allEcho(conn, messages)
}

func series(conn *websocket.Conn, count int) error {
	kinds := []message{
		{websocket.TextMessage, jsonOf(jsonSize)},
		{websocket.TextMessage, jsonOf(60)},
		{websocket.TextMessage, nil},
		{websocket.BinaryMessage, randomOf(300)},
		{websocket.TextMessage, []byte("a")},
	}
	messages := make([]message, count)
	for i := range messages {
		messages[i] = kinds[i%len(kinds)]
	}
	return allEcho(conn, messages)
}

func mixed(conn *websocket.Conn, count int) error {
	for i := 0; i < count; i++ {
		conn.EnableWriteCompression(i%2 == 0)
		if err := echoes(conn, websocket.TextMessage, jsonOf(jsonSize)); err != nil {
			return err
		}
	}
	return nil
}

// fragments sends a message in quarters, with a ping from one to the next.
func fragments(conn *websocket.Conn, argument string) error {
	kind, payload := websocket.TextMessage, scrambled()
	if argument == "binary" {
		kind, payload = websocket.BinaryMessage, randomOf(scrambledLength)
	}
	pings := 0
	pongs := []string{}
	conn.SetPongHandler(func(payload string) error {
		pongs = append(pongs, payload)
		return nil
	})
	writer, err := conn.NextWriter(kind)
	if err != nil {
		return err
	}
	step := (len(payload) + 3) / 4
	for start := 0; start < len(payload); start += step {
		if start > 0 {
			pings++
			ping := []byte(fmt.Sprintf("between %d", pings))
			if err := control(conn, websocket.PingMessage, ping); err != nil {
				return err
			}
		}
		end := start + step
		if end > len(payload) {
			end = len(payload)
		}
		if _, err := writer.Write(payload[start:end]); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	if err := expect(conn, kind, payload); err != nil {
		return err
	}
	// The last pong may come behind the message, but not behind what is only sent now.
	if err := echoes(conn, websocket.TextMessage, []byte("after the pings")); err != nil {
		return err
	}
	return checkPongs(pongs, pings)
}

// checkPongs wants the pong of the last ping. Those before it may be left out, when one is still to
// be sent as the next ping comes (RFC 6455 §5.5.3), but they come in order, and each once.
func checkPongs(pongs []string, pings int) error {
	last := ""
	for _, pong := range pongs {
		if pong <= last {
			return fmt.Errorf("expected pongs in the order of the pings, got %q", pongs)
		}
		last = pong
	}
	if want := fmt.Sprintf("between %d", pings); last != want {
		return fmt.Errorf("expected the pong %q at last, got %q", want, pongs)
	}
	return nil
}

func served(conn *websocket.Conn, behaviour string) error {
	switch behaviour {
	case "fragments":
		return echoes(conn, websocket.TextMessage, scrambled())
	case "mixed":
		for i := 0; i < 10; i++ {
			kind := []int{websocket.TextMessage, websocket.BinaryMessage}[i%2]
			if err := echoes(conn, kind, jsonOf(jsonSize)); err != nil {
				return err
			}
		}
		return nil
	case "ping":
		return expect(conn, websocket.TextMessage, []byte("answered"))
	case "close":
		if err := conn.WriteMessage(websocket.TextMessage, []byte("close, please")); err != nil {
			return err
		}
		return expectClose(conn, 4000)
	}
	return fmt.Errorf("unknown behaviour %q", behaviour)
}

// run does what the check says; closed reports that it has also closed the connection.
func run(conn *websocket.Conn, name, argument string, number int) (closed bool, err error) {
	switch name {
	case "text":
		err = echoes(conn, websocket.TextMessage, textOf(number))
	case "binary":
		err = echoes(conn, websocket.BinaryMessage, binaryOf(number))
	case "unicode":
		err = echoes(conn, websocket.TextMessage, []byte("aß水🌊"))
	case "json":
		err = echoes(conn, websocket.TextMessage, jsonOf(number))
	case "random":
		err = echoes(conn, websocket.BinaryMessage, randomOf(number))
	case "far":
		err = echoes(conn, websocket.BinaryMessage, bytes.Repeat(randomOf(number), 4))
	case "fragments":
		err = fragments(conn, argument)
	case "ping":
		err = pings(conn)
	case "subprotocol":
		if conn.Subprotocol() != "echo" {
			err = fmt.Errorf("expected subprotocol \"echo\", got %q", conn.Subprotocol())
		}
	case "burst":
		err = burst(conn, number)
	case "series":
		err = series(conn, number)
	case "mixed":
		err = mixed(conn, number)
	case "close":
		return true, closes(conn, number)
	case "served":
		return argument == "close", served(conn, argument)
	default:
		err = fmt.Errorf("unknown check %q", name)
	}
	return false, err
}

// check gives the extensions that the server answered.
func check(target url.URL, spec string) (extensions string, err error) {
	name, argument, _ := strings.Cut(spec, " ")
	number, _ := strconv.Atoi(argument)
	dialer := whole
	switch name {
	case "fragments":
		dialer = fragmenting
	case "subprotocol":
		dialer.Subprotocols = []string{"unknown", "echo"}
	case "served":
		target.Path = "/" + argument
	}
	conn, response, err := dialer.Dial(target.String(), nil)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	closed, err := run(conn, name, argument, number)
	if err == nil && !closed {
		err = closes(conn, websocket.CloseNormalClosure)
	}
	return response.Header.Get("Sec-WebSocket-Extensions"), err
}

// row is one line of the report.
type row struct {
	Check      string `json:"check"`
	OK         bool   `json:"ok,omitempty"`
	Error      string `json:"error,omitempty"`
	Extensions string `json:"extensions"`
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: client URL CHECK...")
	}
	target, err := url.Parse(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	report := json.NewEncoder(os.Stdout)
	for _, spec := range os.Args[2:] {
		extensions, err := check(*target, spec)
		line := row{Check: spec, OK: err == nil, Extensions: extensions}
		if err != nil {
			line.Error = err.Error()
		}
		if err := report.Encode(line); err != nil {
			log.Fatal(err)
		}
	}
}
