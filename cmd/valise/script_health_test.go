package main

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	rulesFile     = "operation/valise.rules.yml"
	rulesVariable = "VALISE_TEST_RULES"
)

// get asks as a monitor does and keeps the body: get 200 http://$HEALTH/readyz FILE; with a fourth
// argument it names another host: get 403 http://$HEALTH/metrics FILE evil.example
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: get STATUS URL FILE [HOST]")
	}
	r, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	if len(args) == 4 {
		r.Host = args[3]
	}
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), body, 0o600))
	if strconv.Itoa(answer.StatusCode) != args[0] {
		ts.Fatalf("%s answered %d, want %s: %s", args[1], answer.StatusCode, args[0], body)
	}
}

func parseMetrics(text string) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	return parser.TextToMetricFamilies(strings.NewReader(text))
}

// nameless checks that no label of a scrape says anything but words of closed lists: nameless FILE
func nameless(ts *testscript.TestScript, _ bool, args []string) {
	families, err := parseMetrics(ts.ReadFile(args[0]))
	ts.Check(err)
	if len(families) < 30 {
		ts.Fatalf("only %d metrics", len(families))
	}
	for _, problem := range labelProblems(families) {
		ts.Logf("%s", problem)
		defer ts.Fatalf("a label could name whom a State writes to")
	}
}

// labelProblems walks every label of every metric. What it may say is a closed list, so that a
// metric that somebody adds later is caught too.
func labelProblems(families map[string]*dto.MetricFamily) (problems []string) {
	for name, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if !labelMaySay(name, label.GetName(), label.GetValue()) {
					problems = append(problems, fmt.Sprintf("%s{%s=%q}", name, label.GetName(), label.GetValue()))
				}
			}
		}
	}
	return problems
}

func labelMaySay(metric, label, value string) bool {
	switch label {
	case "direction":
		return slices.Contains([]string{"sent", "received"}, value)
	case "result":
		return slices.Contains([]string{"released", "left", "reached", "refused", "accepted", "quarantined"}, value)
	case "reason":
		return valisev1.Reason_value["REASON_"+strings.ToUpper(value)] > 0
	case "version", "protocol", "record_format", "go":
		return metric == "valise_build_info" || metric == "go_info"
	}
	return false
}

func TestLabelsAreWalked(t *testing.T) {
	families, err := parseMetrics("valise_x{peer=\"XB\"} 1\nvalise_messages_total{direction=\"XB\",result=\"left\"} 1\nvalise_rejected_total{reason=\"quota\"} 1\n")
	if err != nil {
		t.Fatal(err)
	}
	if problems := labelProblems(families); len(problems) != 2 {
		t.Errorf("found %q", problems)
	}
}

// metric compares a value of a scrape: metric FILE valise_relay_connected '== 1'; several series of
// a name are added up.
func metric(ts *testscript.TestScript, neg bool, args []string) {
	families, err := parseMetrics(ts.ReadFile(args[0]))
	ts.Check(err)
	fires, err := parseExpression(args[1] + " " + args[2])
	ts.Check(err)
	if yes, err := fires(families); err != nil || yes == neg {
		ts.Fatalf("%s is not %s (not: %v): %v %v", args[1], args[2], neg, families[args[1]], err)
	}
}

// alerts names the rules that fire on a scrape, without waiting: alerts FILE ValiseRelayLost …
func alerts(ts *testscript.TestScript, _ bool, args []string) {
	families, err := parseMetrics(ts.ReadFile(args[0]))
	ts.Check(err)
	rules, err := readRules()
	ts.Check(err)
	firing := []string{}
	for _, r := range rules {
		fires, err := parseExpression(r.Expr)
		ts.Check(err)
		yes, err := fires(families)
		if err != nil {
			ts.Fatalf("%s: %v", r.Alert, err)
		}
		if yes {
			firing = append(firing, r.Alert)
		}
	}
	if !slices.Equal(firing, args[1:]) {
		ts.Fatalf("firing are %q, want %q", firing, args[1:])
	}
}

type alertRule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func readRules() ([]alertRule, error) {
	file, err := os.Open(os.Getenv(rulesVariable))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var text struct {
		Groups []struct {
			Name  string
			Rules []alertRule
		}
	}
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&text); err != nil {
		return nil, err
	}
	if len(text.Groups) != 1 {
		return nil, fmt.Errorf("%d groups", len(text.Groups))
	}
	return text.Groups[0].Rules, nil
}

var comparison = regexp.MustCompile(`^([a-z_]+) (==|<|>) ([0-9.]+)$`)

// parseExpression reads the part of Prometheus' language that the rules keep to: comparisons with a
// number, joined by or. A metric that no scrape has is an error and never "does not fire".
func parseExpression(text string) (func(map[string]*dto.MetricFamily) (bool, error), error) {
	var parts [][]string
	for part := range strings.SplitSeq(text, " or ") {
		m := comparison.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("%q is no comparison", part)
		}
		parts = append(parts, m)
	}
	return func(families map[string]*dto.MetricFamily) (fires bool, err error) {
		for _, m := range parts {
			value, err := total(families[m[1]])
			if err != nil {
				return false, fmt.Errorf("%s: %w", m[1], err)
			}
			limit, err := strconv.ParseFloat(m[3], 64)
			if err != nil {
				return false, err
			}
			fires = fires || m[2] == "==" && value == limit || m[2] == "<" && value < limit || m[2] == ">" && value > limit
		}
		return fires, nil
	}, nil
}

func total(family *dto.MetricFamily) (sum float64, err error) {
	if len(family.GetMetric()) == 0 {
		return math.NaN(), fmt.Errorf("no scrape has it")
	}
	for _, m := range family.GetMetric() {
		sum += m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
	}
	return sum, nil
}

// TestAlertRules: each says what is so and what to do, and waits where that is not certain at once.
func TestAlertRules(t *testing.T) {
	t.Setenv(rulesVariable, rulesFile)
	rules, err := readRules()
	if err != nil || len(rules) != 7 {
		t.Fatalf("%d rules, %v", len(rules), err)
	}
	for _, r := range rules {
		if _, err := parseExpression(r.Expr); err != nil {
			t.Errorf("%s: %v", r.Alert, err)
		}
		if _, err := model.ParseDuration(r.For); err != nil && r.For != "" {
			t.Errorf("%s: for: %v", r.Alert, err)
		}
		if !slices.Contains([]string{"page", "look"}, r.Labels["severity"]) || r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
			t.Errorf("%s says not what is so and what to do: %v", r.Alert, r)
		}
	}
}
