package scenario

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// documentation are the addresses on which nothing can ever answer: RFC 5737, RFC 3849, RFC 9637.
var documentation = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
}

// reserved are the last labels that nobody can register: RFC 2606.
var reserved = []string{"example", "test", "invalid", "localhost"}

// fileEnds are last labels that are registered too, and more often end the name of a file.
var fileEnds = []string{"zip", "sh", "py", "pl", "md", "mov", "ps", "rs", "cc", "so", "app", "in", "is", "it", "no", "de"}

var (
	dotted   = regexp.MustCompile(`(?i)\s?\[\s?(?:\.|dot)\s?\]\s?|\s?\(\s?(?:\.|dot)\s?\)\s?`)
	atSign   = regexp.MustCompile(`(?i)\s?[\[(]\s?(?:@|at)\s?[\])]\s?`)
	ipv4     = regexp.MustCompile(`\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b`)
	ipv6     = regexp.MustCompile(`(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){1,6}:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}`)
	mail     = whenNeeded(`[\pL\pN._%+'-]+@([\pL\pN-]+(?:\.[\pL\pN-]+)*)`)
	hostName = whenNeeded(`(?i)(https?://|hxxps?://|ftp://|www\.)?((?:[\pL\pN](?:[\pL\pN_-]*[\pL\pN])?[.。])+(?:\pL{2,}|xn--[a-z0-9-]+))`)
)

// whenNeeded reads a long pattern when it is first asked: every command starts with all that its program reads at once.
func whenNeeded(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// hosts: nothing in an exercise leads anywhere, whoever clicks, pings or writes. It reads through the ways in
// which people make an address harmless, since others make it whole again.
func (l *linter) hosts(s said) {
	text := atSign.ReplaceAllString(dotted.ReplaceAllString(s.text, "."), "@")
	for _, at := range append(ipv4.FindAllString(text, -1), ipv6.FindAllString(text, -1)...) {
		ip, err := netip.ParseAddr(at)
		if err == nil && !slices.ContainsFunc(documentation, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) }) {
			l.fault(RoutableHost, s.path, "take one of 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32", "holds the address %s, on which something can answer", at)
		}
	}
	for _, m := range mail().FindAllStringSubmatch(text, -1) {
		if !isReserved(m[1]) {
			l.fault(RealMail, s.path, "let it end in .example", "holds the mail address %s", quoted(m[0]))
		}
	}
	for _, m := range hostName().FindAllStringSubmatch(mail().ReplaceAllString(text, " "), -1) {
		if isLive(m[2], m[1] != "") {
			l.fault(LiveDomain, s.path, "let it end in .example", "holds the name %s, which somebody can have registered", quoted(m[2]))
		}
	}
}

func lastLabel(host string) string {
	return strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
}

func isReserved(host string) bool {
	return slices.Contains(reserved, lastLabel(strings.ReplaceAll(host, "。", ".")))
}

// isLive: the last label is one of the root's. Without a scheme a short name may be a file or the end of one
// sentence and the beginning of the next.
func isLive(host string, scheme bool) bool {
	host = strings.ReplaceAll(host, "。", ".")
	if isReserved(host) {
		return false
	}
	if scheme {
		return true
	}
	if strings.Count(host, ".") == 1 && slices.Contains(fileEnds, lastLabel(host)) {
		return false
	}
	ascii, err := idna.ToASCII(strings.ToLower(host))
	if err != nil {
		return false
	}
	_, managed := publicsuffix.PublicSuffix(ascii)
	return managed
}

// secretForms are how keys and passwords look.
var secretForms = whenNeeded(`-----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-|\bS[UANCO][A-Z2-7]{56}\b|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\beyJ[A-Za-z0-9_-]{10,}\.eyJ|(?i:(?:^|[^\pL])(?:password|passphrase|mot de passe|contraseña|пароль|كلمة المرور|密码)\s*[:=：]\s*\S{6,})`)

func (l *linter) secrets(s said) {
	if secretForms().MatchString(s.text) {
		l.fault(Secret, s.path, "remove it and change it: whoever reads the file has it", "looks like a key or a password")
	}
}
