package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// relayFiles is what a relay home says to a server of one's own.
type relayFiles struct {
	dir    string
	Listen string `toml:"listen"`
	Name   string `toml:"name"`
	Roster string `toml:"roster"`
	used   string // the roster file that was read
	seed   []byte
	card   *valisev1.RelayCard
}

func (p *program) relayFiles(rosterFlag string) (*relayFiles, *valisev1.Roster, error) {
	home, rosterPath, err := p.relayHome(rosterFlag)
	if err != nil {
		return nil, nil, err
	}
	f := &relayFiles{dir: home, card: new(valisev1.RelayCard)}
	text, err := os.ReadFile(filepath.Join(home, "relay.toml"))
	if err != nil {
		return nil, nil, err
	}
	if _, err := toml.Decode(string(text), f); err != nil {
		return nil, nil, refuse(valisev1.Reason_REASON_BAD_CONFIG, "relay.toml is no TOML", "")
	}
	card, err := os.ReadFile(filepath.Join(home, "relay.card"))
	if err != nil {
		return nil, nil, err
	}
	if err := proto.Unmarshal(card, f.card); err != nil {
		return nil, nil, refuse(valisev1.Reason_REASON_BAD_CONFIG, "relay.card cannot be read", "")
	}
	if f.seed, err = p.readSecret(filepath.Join(home, "relay.admin"), ""); err != nil {
		return nil, nil, err
	}
	f.used = orElse(rosterPath, f.rosterPath())
	roster, err := readRoster(f.used)
	return f, roster, err
}

// adminKey is the public half of the relay's own login.
func (f *relayFiles) adminKey() (string, error) {
	pair, err := nkeys.FromSeed(bytes.TrimSpace(f.seed))
	if err != nil {
		return "", refuse(valisev1.Reason_REASON_BAD_CONFIG, "relay.admin holds no nkey seed", "")
	}
	return pair.PublicKey()
}

func (f *relayFiles) adminConfig(address string, replicas int) relay.AdminConfig {
	return relay.AdminConfig{
		Address: orElse(address, f.card.GetAddress()), TLSKey: f.card.GetTlsKey(), Seed: bytes.TrimSpace(f.seed), Replicas: replicas,
	}
}

func (f *relayFiles) rosterPath() string {
	switch {
	case filepath.IsAbs(f.Roster):
		return f.Roster
	case f.Roster != "":
		return filepath.Join(f.dir, f.Roster)
	}
	return filepath.Join(f.dir, "roster")
}

func readRoster(path string) (*valisev1.Roster, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := readAtMost(f, relay.MaxRosterBytes, "the roster")
	if err != nil {
		return nil, err
	}
	r, err := relay.ParseRoster(b)
	if err != nil {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, err.Error(), "valise directory publish writes a roster")
	}
	return r, nil
}

// objects are those that stand beside the roster, nil where there are none.
func (f *relayFiles) objects(realm string) (*valisev1.RelayObjects, error) {
	file, err := os.Open(filepath.Join(filepath.Dir(f.used), relay.ObjectsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := readAtMost(file, relay.MaxObjectsBytes, "the file of objects")
	if err != nil {
		return nil, err
	}
	o, err := relay.ParseObjects(b)
	if err == nil && o.GetRealm() != realm {
		err = errors.New("the directory's objects are of another realm than the roster")
	}
	if err != nil {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, err.Error(), "valise directory publish writes it beside the roster")
	}
	return o, nil
}

func newRelayConfigCommand(p *program) *cobra.Command {
	var c relayConfigFlags
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the configuration of an external nats-server for this relay and roster",
		Annotations: documented("the configuration of an external nats-server; `--roster`, `--store-dir`, `--name`, `--listen`; in a cluster also `--cluster-listen`, `--route`",
			`{"config"}`),
		Long: `For a cluster write one for each server, with its own --name, --listen and --cluster-listen, and
the --route to every server's --cluster-listen; then valise relay apply --replicas 3, once.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runRelayConfig(&c) },
	}
	fs := cmd.Flags()
	fs.StringVar(&c.roster, "roster", "", "the manager's roster file (default: as relay run)")
	fs.StringVar(&c.storeDir, "store-dir", "", "where the server keeps its streams (default: jetstream in the home)")
	fs.StringVar(&c.name, "name", "", "name of the server, unique in a cluster (default: as relay.toml says)")
	fs.StringVar(&c.listen, "listen", "", "host:port for nodes (default: as relay.toml says)")
	fs.StringVar(&c.clusterListen, "cluster-listen", "", "host:port for the other servers of a cluster")
	fs.StringSliceVar(&c.routes, "route", nil, "host:port of a server's --cluster-listen; once for each server")
	return cmd
}

type relayConfigFlags struct {
	roster, storeDir, name, listen, clusterListen string

	routes []string
}

// cluster is nil for a server alone.
func (c *relayConfigFlags) cluster(f *relayFiles) (*relay.ClusterConfig, error) {
	switch {
	case c.clusterListen == "" && len(c.routes) == 0:
		return nil, nil
	case c.clusterListen == "" || len(c.routes) == 0:
		return nil, usageHint("a cluster needs both --cluster-listen and --route", "")
	}
	return &relay.ClusterConfig{Name: f.Name, Listen: c.clusterListen, Routes: c.routes, TLSKey: f.card.GetTlsKey()}, nil
}

func (p *program) runRelayConfig(c *relayConfigFlags) error {
	f, roster, err := p.relayFiles(c.roster)
	if err != nil {
		return err
	}
	cluster, err := c.cluster(f)
	if err != nil {
		return err
	}
	public, err := f.adminKey()
	if err != nil {
		return err
	}
	text, err := relay.Config(roster, relay.ServerConfig{
		Listen: orElse(c.listen, f.Listen), Name: orElse(c.name, f.Name), StoreDir: orElse(c.storeDir, filepath.Join(f.dir, "jetstream")),
		CertFile: filepath.Join(f.dir, "relay.crt"), KeyFile: filepath.Join(f.dir, "relay.key"), AdminKey: public, Cluster: cluster,
	})
	if err != nil {
		return err
	}
	p.tell("next: start nats-server with it, then valise relay apply")
	return p.data(object{"config": text}, text)
}

func newRelayApplyCommand(p *program) *cobra.Command {
	var (
		roster, address string
		replicas        int
	)
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Make the mailboxes of the roster on a running server; applying again changes nothing",
		Annotations: documented("makes the mailboxes of the roster on a running server, and lays out the `relay.objects` beside the roster; again changes nothing; `--replicas`",
			`{"made","changed","removed","objects","objects_changed"}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runRelayApply(cmd.Context(), roster, address, replicas)
		},
	}
	cmd.Flags().StringVar(&roster, "roster", "", "the manager's roster file (default: as relay run)")
	cmd.Flags().StringVar(&address, "address", "", "host:port of the server (default: as the relay's card says)")
	cmd.Flags().IntVar(&replicas, "replicas", 1, "copies of each mailbox: 1, or 3 in a cluster")
	return cmd
}

// maxReplicas is JetStream's own limit.
const maxReplicas = 5

func (p *program) runRelayApply(ctx context.Context, rosterFlag, address string, replicas int) error {
	if replicas < 1 || replicas > maxReplicas {
		return usage("--replicas is 1 to 5")
	}
	f, roster, err := p.relayFiles(rosterFlag)
	if err != nil {
		return err
	}
	objects, err := f.objects(roster.GetRealm())
	if err != nil {
		return err
	}
	done, err := relay.Apply(ctx, f.adminConfig(address, replicas), roster)
	if err != nil {
		return err
	}
	laid := false
	if objects != nil {
		if laid, err = relay.ApplyObjects(ctx, f.adminConfig(address, replicas), objects); err != nil {
			return err
		}
	}
	return p.result(object{
		"made": done.Made, "changed": done.Changed, "removed": done.Removed, "objects": len(objects.GetObjects()), "objects_changed": laid,
	}, fmt.Sprintf("%d mailboxes made, %d changed, %d removed; %d objects of the directory", done.Made, done.Changed, done.Removed, len(objects.GetObjects())))
}
