package relay_test
import ("testing";"fmt";"runtime";"time";"valise.example/relay/relaytest";"valise.example/relay";"os")
func TestZZ(t *testing.T){
 for _,n:=range []int{20}{
 var ps []relaytest.Party
 for range n { ps=append(ps,relaytest.NewParty(t)) }
 r:=relaytest.RosterOf(1,ps...)
 t0:=time.Now()
 text,_:=relay.Config(r,relay.ServerConfig{Listen:"127.0.0.1:-1",Name:"x",StoreDir:t.TempDir(),CertFile:"a",KeyFile:"b",AdminKey:relaytest.NewParty(t).NKey})
 fmt.Println(n,"config",len(text)/1000,"kB",time.Since(t0))
 _=os.WriteFile
 var m0,m1,m2 runtime.MemStats
 runtime.GC(); runtime.ReadMemStats(&m0)
 t0=time.Now()
 e:=startEmbedded(t,r)
 fmt.Println("start",time.Since(t0))
 runtime.GC(); runtime.ReadMemStats(&m1)
 for _,p:=range ps { c:=e.Dial(t,p.Seed); for !c.Link().Up {time.Sleep(time.Millisecond)}; defer c.Close() }
 runtime.GC(); runtime.ReadMemStats(&m2)
 ent:=n*(n-1)*323
 fmt.Println("entries",ent,"server",(m1.HeapAlloc-m0.HeapAlloc)>>20,"MB conns",(m2.HeapAlloc-m1.HeapAlloc)>>20,"MB per entry total",(m2.HeapAlloc-m0.HeapAlloc)/uint64(ent))
 t0=time.Now(); e.Restart(t); fmt.Println("restart",time.Since(t0))
 }
}
