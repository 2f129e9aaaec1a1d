//go:build linux

package main

import "valise.example/gateway/history"

// order is one line that the driver writes to a node's process.
type order struct {
	Do string `json:"do"`
	// Request, Kind and Thread of something to send; Kind is inquiry, supplement, hold or
	// acknowledge.
	Request string `json:"request,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Thread  string `json:"thread,omitempty"`
	To      string `json:"to,omitempty"`
	// Count of messages of the peer to wait for in Thread.
	Count int `json:"count,omitempty"`
	// From is the first item to tell.
	From uint64 `json:"from,omitempty"`
	// Millis bounds a wait.
	Millis int `json:"millis,omitempty"`
}

// The orders.
const (
	doSend  = "send"  // make something durable
	doHas   = "has"   // wait for Count messages of the peer in Thread
	doIdle  = "idle"  // wait until nothing waits to leave and no gap is open
	doTell  = "tell"  // tell items, views and what verification finds
	doClose = "close" // end in order
)

// answer is one line of a node's process. The first comes when the node is ready.
type answer struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
	// Again: it may come true yet.
	Again   bool   `json:"again,omitempty"`
	Message string `json:"message,omitempty"`
	Thread  string `json:"thread,omitempty"`
	// Items is how many the record has.
	Items  uint64          `json:"items,omitempty"`
	Events []history.Event `json:"events,omitempty"`
	// Images that were opened, and what is wrong with one of them.
	Images int64  `json:"images,omitempty"`
	Wrong  string `json:"wrong,omitempty"`
}
