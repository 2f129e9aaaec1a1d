package node

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// mostAnswers bounds what a mail server may say in one call, with its certificates. P7
const mostAnswers = 256 << 10

// email hands one mail to the mail server of the configuration, under TLS unless it is this machine.
func (c caller) email(ctx context.Context, to string, n notice) error {
	password := []byte(nil)
	if c.smtp.User != "" {
		var err error
		if password, err = c.secret(c.smtp.Password); err != nil {
			return err
		}
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.smtp.Server)
	if err != nil {
		return plainly(ctx, err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	host, _, _ := net.SplitHostPort(c.smtp.Server)
	err = c.hand(boundedConn{conn, io.LimitReader(conn, mostAnswers)}, host, string(password), c.mail(to, n), to)
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("the mail server answered %d", said.Code)
	}
	if own, ok := errors.AsType[mailFault](err); ok {
		return own
	}
	if err != nil {
		return plainly(ctx, err)
	}
	return nil
}

// mailFault is a refusal of our own.
type mailFault string

func (f mailFault) Error() string { return string(f) }

// boundedConn reads no more than it may.
type boundedConn struct {
	net.Conn
	r io.Reader
}

func (b boundedConn) Read(p []byte) (int, error) { return b.r.Read(p) }

func (c caller) hand(conn net.Conn, host, password, text, to string) error {
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	// Our own name is nobody's business: the server knows where the connection comes from.
	if err := client.Hello("localhost"); err != nil {
		return err
	}
	if offered, _ := client.Extension("STARTTLS"); offered {
		if err := client.StartTLS(&tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: c.roots}); err != nil {
			return mailFault("the mail server gave no TLS that can be trusted")
		}
	} else if !isLoopback(host) {
		return mailFault("the mail server offers no TLS")
	}
	if c.smtp.User != "" {
		if err := client.Auth(smtp.PlainAuth("", c.smtp.User, password, host)); err != nil {
			return err
		}
	}
	if err := client.Mail(c.smtp.From); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(body, text); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	_ = client.Quit() // it was taken; what the server says now changes nothing
	return nil
}

// mail is the whole text with its head. What is not ASCII is encoded, so that no server on the way has to
// know more.
func (c caller) mail(to string, n notice) string {
	_, domain, _ := strings.Cut(c.smtp.From, "@")
	subject, charset, encoding, body := n.text, "us-ascii", "7bit", n.text
	if strings.ContainsFunc(n.text, func(r rune) bool { return r > unicode.MaxASCII }) {
		subject, charset, encoding = encodedWords(n.text), "utf-8", "base64"
		body = inLines(base64.StdEncoding.EncodeToString([]byte(n.text)))
	}
	return strings.Join([]string{
		"From: <" + c.smtp.From + ">", "To: <" + to + ">", "Subject: " + subject,
		"Date: " + c.now().UTC().Format(time.RFC1123Z), "Message-ID: <" + n.ref + fmt.Sprint(c.now().UnixNano()) + "@" + domain + ">",
		"Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=" + charset,
		"Content-Transfer-Encoding: " + encoding, "", body, "",
	}, "\r\n")
}

// mostInLine is how long a line of an encoded mail may be, by RFC 2045.
const mostInLine = 76

// encodedWords is a text as a header has it, by RFC 2047: pieces of whole letters, each on a line.
func encodedWords(text string) string {
	const most = mostInLine/2 - len("Subject: ")
	var words []string
	for text != "" {
		cut := 0
		for cut < len(text) {
			_, size := utf8.DecodeRuneInString(text[cut:])
			if cut+size > most {
				break
			}
			cut += size
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:cut]))+"?=")
		text = text[cut:]
	}
	return strings.Join(words, "\r\n ")
}

func inLines(encoded string) string {
	var lines []string
	for line := range slices.Chunk([]byte(encoded), mostInLine) {
		lines = append(lines, string(line))
	}
	return strings.Join(lines, "\r\n")
}
