package crashpoint

import "slices"

// Point is one named moment.
type Point struct {
	// Name as Hit and VALISE_CRASHPOINT say it.
	Name string
	// Side that passes it: Sender, Recipient or Keeper.
	Side Side
	// What has happened and what has not, in one sentence.
	What string
}

// Side is whose moment it is.
type Side int

// The sides of an exchange, and the making and keeping of a home.
const (
	Sender Side = iota + 1
	Recipient
	Keeper
)

// points is the table. What is missing between the numbers are moments within one transaction
// or one file swap: there the trial below the file system stops at every call.
var points = []Point{
	{"S1", Sender, "a request to send was decoded; its transaction has not begun"},
	{"S3", Sender, "the message is committed; the officer has no answer yet"},
	{"S4a", Sender, "the message is due; it is not sealed"},
	{"S4b", Sender, "the message is sealed; it is not published"},
	{"S5", Sender, "the message is published; the relay's answer was not looked at"},
	{"S6", Sender, "the relay's answer is known; that the message left is not recorded"},
	{"S8", Sender, "a receipt was fetched and opened; the core has not seen it"},
	{"S10", Sender, "the receipt is taken and what it covers is cleared; the relay still holds it"},
	{"R1", Recipient, "mail was fetched; it is not opened"},
	{"R2", Recipient, "mail was decrypted; its signatures are not checked"},
	{"R3", Recipient, "a message is verified; its transaction has not begun"},
	{"R5", Recipient, "a message is committed; its receipt has not left"},
	{"R6", Recipient, "a receipt is published; that it left is not noted"},
	{"R7", Recipient, "mail is dealt with; the relay was not told"},
	{"R8", Recipient, "the relay was told that mail is dealt with; the next mail is there"},
	{"R9", Recipient, "a message is held back behind a gap"},
	{"R10", Recipient, "the officers' doors were woken; nobody has looked"},
	{"K1", Keeper, "a new sealing key is stored; nothing public names it"},
	{"K2", Keeper, "a key bundle is signed; nobody has it"},
	{"K3a", Keeper, "the record tells that a sealing key is destroyed; its file is whole"},
	{"K3b", Keeper, "the file of a sealing key has a name that no start reads; its bytes are whole"},
	{"K3c", Keeper, "the file of a sealing key is overwritten; it has a name still"},
	{"D1", Keeper, "a new record is made; the folder is not a home yet"},
	{"D4", Keeper, "a backup has its copy of the record; the file is not there yet"},
	{"D5", Keeper, "a restored record has begun its epoch; the folder is not a home yet"},
	{"D10", Keeper, "leaves are in the record; no receipt commits to its head yet"},
}

// Points lists every named moment in the order of an exchange.
func Points() []Point { return slices.Clone(points) }
