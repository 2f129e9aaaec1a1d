package indicators

import (
	"slices"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// tlpNames are the labels of TLP 2.0, and the name that one of them had before.
var tlpNames = map[string]valisev1.Tlp{
	"clear": valisev1.Tlp_TLP_CLEAR, "white": valisev1.Tlp_TLP_CLEAR, "green": valisev1.Tlp_TLP_GREEN,
	"amber": valisev1.Tlp_TLP_AMBER, "amber+strict": valisev1.Tlp_TLP_AMBER_STRICT, "red": valisev1.Tlp_TLP_RED,
}

var papNames = map[string]valisev1.Pap{
	"clear": valisev1.Pap_PAP_CLEAR, "white": valisev1.Pap_PAP_CLEAR, "green": valisev1.Pap_PAP_GREEN,
	"amber": valisev1.Pap_PAP_AMBER, "red": valisev1.Pap_PAP_RED,
}

// labels collects what a file says of how to treat it, anywhere in it.
type labels struct {
	tlp     valisev1.Tlp // the strictest that is known; unspecified where none is
	pap     valisev1.Pap
	unknown bool // something marks the file that is no label we know
}

func (l *labels) addTLP(name string) {
	if t, ok := tlpNames[strings.ToLower(name)]; ok {
		l.tlp = max(l.tlp, t) // the contract numbers them from open to strict
		return
	}
	l.unknown = true
}

func (l *labels) addPAP(name string) {
	if p, ok := papNames[strings.ToLower(name)]; ok {
		l.pap = max(l.pap, p)
		return
	}
	l.unknown = true
}

// stricter is the label that stands: the stricter of the file's and the default. A-11 s2
func (l *labels) stricter() valisev1.Tlp {
	return max(l.tlp, valisev1.Tlp_TLP_AMBER_STRICT)
}

// remarks tell the officer where the label comes from.
func (l *labels) remarks() (lines []string) {
	switch {
	case l.tlp == valisev1.Tlp_TLP_UNSPECIFIED:
		lines = append(lines, "The file has no TLP label: TLP:AMBER+STRICT, the default, stands (A-11 s2).")
	case l.tlp < valisev1.Tlp_TLP_AMBER_STRICT:
		lines = append(lines, "The strictest label in the file is "+tlpText(l.tlp)+
			": TLP:AMBER+STRICT, the default, is stricter and stands (A-11 s2).")
	default:
		lines = append(lines, "The strictest label in the file is "+tlpText(l.tlp)+".")
	}
	if l.unknown {
		lines = append(lines, "The file has a marking that is none of TLP 2.0 or PAP: look at it before you send.")
	}
	return lines
}

func tlpText(t valisev1.Tlp) string {
	for name, label := range tlpNames {
		if label == t && name != "white" {
			return "TLP:" + strings.ToUpper(name)
		}
	}
	return ""
}

// sectors are those that a file says are affected, each once, in its order.
type sectors []string

const (
	maxSectors = 64
	maxSector  = 200
)

func (s *sectors) add(name string) {
	name = visible(name, maxSector)
	if name != "" && len(*s) < maxSectors && !slices.Contains(*s, name) {
		*s = append(*s, name)
	}
}
