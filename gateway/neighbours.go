package gateway

// near reads what the record holds around a number.
func (w *work) near(c channel, n uint64) (near neighbours, err error) {
	from := max(n, 1) - 1
	err = w.tx.Rows(tableInNumber, c.key(), from, false, func(at uint64, value []byte) (bool, error) {
		got, err := parseNumbered(value)
		if err != nil || at > n+1 {
			return false, err
		}
		switch at {
		case n - 1:
			near.before = &got
		case n:
			near.at = &got
		case n + 1:
			near.after = &got
		}
		return at <= n, nil
	})
	return near, err
}

func (n numbered) marshal() []byte {
	return appendNumber(append(append([]byte{}, n.digest[:]...), n.previous[:]...), n.item)
}

func parseNumbered(b []byte) (n numbered, err error) {
	if len(b) != 72 {
		return n, damaged("a number of a peer cannot be read")
	}
	copy(n.digest[:], b)
	copy(n.previous[:], b[32:])
	n.item, err = readNumber(b[64:])
	return n, err
}
