// A client on gorilla/websocket that runs the interop checks.
//
//	client URL CHECK...
//
// Prints one line of JSON per check: {"check":…,"ok":true} or {"check":…,"error":…}.
// What each check means is written in ../../../checks.ts.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const patience = 10 * time.Second

// A client of this library cuts a message where its write buffer is full. With
// a large buffer every message is one frame; with the default of 4 KiB a long
// one leaves as fragments, cut without regard to characters.
var (
	whole       = websocket.Dialer{HandshakeTimeout: patience, WriteBufferSize: 2 << 20}
	fragmenting = websocket.Dialer{HandshakeTimeout: patience}
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

func burst(conn *websocket.Conn, count int) error {
	for i := 0; i < count; i++ {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(strconv.Itoa(i))); err != nil {
			return err
		}
	}
	for i := 0; i < count; i++ {
		if err := expect(conn, websocket.TextMessage, []byte(strconv.Itoa(i))); err != nil {
			return fmt.Errorf("message %d: %w", i, err)
		}
	}
	return nil
}

// unicode is text of one to four bytes a character, 10 bytes a repetition.
func unicode(repetitions int) []byte {
	return []byte(strings.Repeat("aß水🌊", repetitions))
}

func fragments(conn *websocket.Conn, kind string) error {
	if kind == "text" {
		return echoes(conn, websocket.TextMessage, unicode(2000))
	}
	return echoes(conn, websocket.BinaryMessage, binaryOf(20000))
}

func served(conn *websocket.Conn, behaviour string) error {
	switch behaviour {
	case "fragments":
		return echoes(conn, websocket.TextMessage, unicode(50))
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
		err = echoes(conn, websocket.TextMessage, unicode(1))
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
	case "close":
		return true, closes(conn, number)
	case "served":
		return argument == "close", served(conn, argument)
	default:
		err = fmt.Errorf("unknown check %q", name)
	}
	return false, err
}

func check(target url.URL, spec string) error {
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
	conn, _, err := dialer.Dial(target.String(), nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	closed, err := run(conn, name, argument, number)
	if err == nil && !closed {
		err = closes(conn, websocket.CloseNormalClosure)
	}
	return err
}

// row is one line of the report.
type row struct {
	Check string `json:"check"`
	OK    bool   `json:"ok,omitempty"`
	Error string `json:"error,omitempty"`
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
		line := row{Check: spec, OK: true}
		if err := check(*target, spec); err != nil {
			line = row{Check: spec, Error: err.Error()}
		}
		if err := report.Encode(line); err != nil {
			log.Fatal(err)
		}
	}
}
