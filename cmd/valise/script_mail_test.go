package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
)

// callPost is a mail server of this machine: it takes mail from whoever logs in with the password of a
// file, writes its envelope and what it says, and refuses all else: callpost ADDRESS PASSWORD OUT
func callPost() {
	fmt.Fprintln(os.Stderr, servePost(os.Args[1:]))
	os.Exit(1)
}

func servePost(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: callpost ADDRESS PASSWORD OUT")
	}
	password, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	out, err := os.OpenFile(args[2], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	login := base64.StdEncoding.EncodeToString([]byte("\x00valise\x00" + strings.TrimSpace(string(password))))
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		_ = takeMail(textproto.NewConn(conn), login, out) // whoever is refused goes without a word
	}
}

// takeMail talks with one client until it goes. RFC 5321
func takeMail(c *textproto.Conn, login string, out io.Writer) error {
	defer c.Close()
	known, envelope := false, ""
	say := func(line string) error { return c.PrintfLine("%s", line) }
	if err := say("220 post.example"); err != nil {
		return err
	}
	for {
		line, err := c.ReadLine()
		if err != nil {
			return err
		}
		answer := "250 yes"
		switch verb, rest, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
		case "EHLO":
			answer = "250-post.example\r\n250 AUTH PLAIN"
		case "AUTH":
			if known = rest == "PLAIN "+login; known {
				answer = "235 known"
			} else {
				answer = "535 nobody"
			}
		case "MAIL", "RCPT":
			envelope += line + " | "
			if !known {
				answer = "530 who is it"
			}
		case "DATA":
			if err := say("354 go on"); err != nil {
				return err
			}
			if err := writeMail(c, out, envelope); err != nil {
				return err
			}
		case "QUIT":
			return say("221 bye")
		default:
			answer = "502 no"
		}
		if err := say(answer); err != nil {
			return err
		}
	}
}

// writeMail writes envelope, subject and text of one mail on a line.
func writeMail(c *textproto.Conn, out io.Writer, envelope string) error {
	mail := bufio.NewReader(c.DotReader())
	head, err := textproto.NewReader(mail).ReadMIMEHeader()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(mail)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s%s | %s\n", envelope, head.Get("Subject"), strings.TrimSpace(string(text)))
	return err
}
