package node

import (
	"context"
	"math"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// overdueRest is how many times as long as a count of overdue threads took no other is made: counting
// walks all of them.
const overdueRest = 20

// gauges reads how the node does when it is asked. What cannot be read is left out; the gauge
// valise_accepting then says why.
type gauges struct {
	node  *Node
	build prometheus.Metric

	mu      sync.Mutex
	overdue float64
	counted time.Time     // when it was counted; zero: never
	took    time.Duration // how long that took
}

var _ prometheus.Collector = (*gauges)(nil)

func gauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("valise_"+name, help, nil, nil)
}

var (
	acceptingGauge  = gauge("accepting", "1 while the record takes what is sent and received.")
	relayGauge      = gauge("relay_connected", "1 while the relay is connected.")
	keyGauge        = gauge("key_expiry_seconds", "Time until peers have no live sealing key of ours any more.")
	diskGauge       = gauge("disk_free_ratio", "Free part of the disk of the home.")
	staleGauge      = gauge("directory_stale", "1 while the directory list is past its date or there is none.")
	skewGauge       = gauge("clock_skew_seconds", "How far our clock is behind those of most peers whose mail came within a day, at least; absent where none came.")
	verifiedGauge   = gauge("record_verify_ok", "1 where the last look at the whole record found nothing wrong; absent until there was one.")
	verifiedAtGauge = gauge("record_verified_timestamp_seconds", "When the whole record was looked at last; absent until it was.")
	verifyAgeGauge  = gauge("record_verify_age_seconds", "Age of the last look at the whole record; +Inf where there was none.")
	itemsGauge      = gauge("record_items", "Items in the record.")
	stoppedGauge    = gauge("sending_stopped", "1 while nothing is sent because a copy of this home runs.")
	outboxGauge     = gauge("outbox_messages", "Messages and receipts of ours without a receipt, at most 1000.")
	oldestGauge     = gauge("outbox_oldest_seconds", "For how long the oldest of them has waited; what waits for a person of ours does not count.")
	quarantineGauge = gauge("quarantine_items", "What could not be attributed or verified, at most 1000.")
	gapsGauge       = gauge("gaps", "Channels on which something earlier is still under way.")
	backupGauge     = gauge("backup_age_seconds", "Age of the last backup; +Inf where there is none.")
	overdueGauge    = gauge("overdue", "Threads whose estimate has passed; a reminder to our own side.")
)

func newGauges(n *Node, version string) *gauges {
	build := prometheus.NewDesc("valise_build_info", "Versions, as labels; the value is always 1.",
		[]string{"version", "protocol", "record_format", "go"}, nil)
	return &gauges{node: n, build: prometheus.MustNewConstMetric(build, prometheus.GaugeValue, 1,
		version, ProtocolVersion(), strconv.Itoa(store.Format), runtime.Version())}
}

// ProtocolVersion is what this program speaks, such as "1.0".
func ProtocolVersion() string {
	return strconv.FormatUint(uint64(seal.MajorVersion), 10) + "." + strconv.FormatUint(uint64(seal.MinorVersion), 10)
}

// Describe names every gauge.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.build.Desc()
	for _, d := range []*prometheus.Desc{
		acceptingGauge, relayGauge, keyGauge, diskGauge, staleGauge, skewGauge, verifiedGauge, verifiedAtGauge, verifyAgeGauge, itemsGauge,
		stoppedGauge, outboxGauge, oldestGauge, quarantineGauge, gapsGauge, backupGauge, overdueGauge,
	} {
		to <- d
	}
}

// Collect reads what monitors ask for.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), healthPatience)
	defer done()
	put := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	to <- g.build
	g.collectHome(put)
	accepting := g.node.Answers(ctx) && g.node.accepting() == valisev1.Reason_REASON_UNSPECIFIED
	put(acceptingGauge, oneIf(accepting))
	if accepting {
		put(itemsGauge, float64(recordReader{g.node}.Items(ctx)))
		g.collectRecord(ctx, put)
	}
}

// collectHome puts what is known without the record.
func (g *gauges) collectHome(put func(*prometheus.Desc, float64)) {
	n, now := g.node, g.node.now()
	put(relayGauge, oneIf(n.mail.linkUp()))
	put(keyGauge, n.home.sealingEnds(now).Sub(now).Seconds())
	snapshot := n.book.Snapshot()
	put(staleGauge, oneIf(snapshot.Number() == 0 || snapshot.Stale(now)))
	if free, total, err := n.disk(); err == nil && total > 0 {
		put(diskGauge, float64(free)/float64(total))
	}
	if skew, known := n.metrics.clocks.behind(now); known {
		put(skewGauge, skew.Seconds())
	}
	age := math.Inf(1)
	if v := n.metrics.verified.Load(); v != nil {
		put(verifiedGauge, oneIf(v.GetOk()))
		put(verifiedAtGauge, float64(v.GetAt().GetSeconds()))
		age = now.Sub(v.GetAt().AsTime()).Seconds()
	}
	put(verifyAgeGauge, age)
}

// collectRecord puts what the core knows.
func (g *gauges) collectRecord(ctx context.Context, put func(*prometheus.Desc, float64)) {
	n, now, core := g.node, g.node.now(), g.node.Gateway()
	if standing, err := core.Standing(ctx); err == nil {
		put(stoppedGauge, oneIf(standing.GetStopped()))
	}
	if rows, err := core.Outbox(ctx); err == nil {
		put(outboxGauge, float64(len(rows)))
		put(oldestGauge, oldest(rows, now).Seconds())
	}
	if rows, err := core.Quarantine(ctx); err == nil {
		put(quarantineGauge, float64(len(rows)))
	}
	if rows, err := core.Gaps(ctx); err == nil {
		put(gapsGauge, float64(len(rows)))
	}
	if age, err := n.backupAge(ctx, now); err == nil {
		put(backupGauge, age)
	}
	if overdue, err := g.countOverdue(ctx, now); err == nil {
		put(overdueGauge, overdue)
	}
}

// oldest is how long the oldest row waits that waits for no person of ours.
func oldest(rows []*valisev1.OutboxRow, now time.Time) (age time.Duration) {
	for _, row := range rows {
		switch row.GetReason() {
		case valisev1.Reason_REASON_NEEDS_SECOND_PERSON, valisev1.Reason_REASON_UNDO_HOLD:
		default:
			age = max(age, now.Sub(row.GetSince().AsTime()))
		}
	}
	return age
}

// backupAge is in seconds; without a backup it is without end.
func (n *Node) backupAge(ctx context.Context, now time.Time) (age float64, err error) {
	age = math.Inf(1)
	err = record{n}.View(ctx, func(tx store.Tx) error {
		u, err := readUpkeep(tx)
		if err == nil && u.GetLastBackup() != nil {
			age = now.Sub(u.GetLastBackup().AsTime()).Seconds()
		}
		return err
	})
	return age, err
}

// countOverdue counts anew where the last count is old enough.
func (g *gauges) countOverdue(ctx context.Context, now time.Time) (float64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if age := now.Sub(g.counted); !g.counted.IsZero() && age >= 0 && age < overdueRest*g.took {
		return g.overdue, nil
	}
	n := g.node
	overdue, err := n.Gateway().Overdue(ctx)
	if err != nil {
		return 0, err
	}
	g.overdue, g.counted, g.took = float64(overdue), n.now(), n.now().Sub(now)
	return g.overdue, nil
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
