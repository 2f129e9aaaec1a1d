package lab

import "valise.example/proto/ident"

// plants name the invented States XA to XZ, so that a person can speak of them.
var plants = map[byte]string{
	'A': "Alder", 'B': "Birch", 'C': "Clover", 'D': "Dogwood", 'E': "Elder", 'F': "Fern", 'G': "Gorse",
	'H': "Hazel", 'I': "Ivy", 'J': "Juniper", 'L': "Larch", 'M': "Mallow", 'N': "Nettle", 'O': "Oxlip",
	'P': "Poplar", 'Q': "Quince", 'R': "Rowan", 'S': "Sorrel", 'T': "Thistle", 'U': "Umbel", 'V': "Vetch",
	'W': "Willow", 'X': "Xylem", 'Y': "Yarrow", 'Z': "Zinnia",
}

// Name is what an invented State is called in a lab: XA is Alder.
func Name(s ident.State) string {
	if s.IsInvented() && s[0] == 'X' {
		return plants[s[1]]
	}
	return "Quarter " + s.String()
}
