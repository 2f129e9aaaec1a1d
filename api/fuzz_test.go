package api

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// FuzzRequest gives any bytes to any call as its request, by an officer who may do everything.
// The answer is a response or a refusal from the closed list, and never REASON_INTERNAL: nothing
// that a caller sends is unforeseen.
func FuzzRequest(f *testing.F) {
	descs := []*grpc.ServiceDesc{
		&valisev1.InquiryService_ServiceDesc, &valisev1.RecordService_ServiceDesc, &valisev1.DirectoryService_ServiceDesc,
		&valisev1.NodeService_ServiceDesc, &valisev1.OfficerService_ServiceDesc,
	}
	var methods []grpc.MethodDesc
	var services []any
	w := newWorld(f)
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "all", Roles: anyone, TokenHash: hashOf("all")})
	for _, d := range descs {
		for _, m := range d.Methods {
			methods = append(methods, m)
			services = append(services, w.server.serviceOf(d))
		}
	}
	add := func(m proto.Message) {
		b, err := proto.Marshal(m)
		if err != nil {
			return // a seed that is no UTF-8 cannot be sent
		}
		i := slices.IndexFunc(methods, func(d grpc.MethodDesc) bool { return d.MethodName == methodOf(m) })
		f.Add(max(i, 0), b)
	}
	for _, m := range requests {
		add(m)
	}
	for _, c := range badRequests {
		add(c.request)
	}
	for i := range methods {
		f.Add(i, []byte{})
		f.Add(i, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs(tokenKey, bearer+"all"))
	f.Fuzz(func(t *testing.T, which int, b []byte) {
		i := int(uint(which) % uint(len(methods)))
		decode := func(m any) error { return proto.Unmarshal(b, m.(proto.Message)) }
		malformed := false
		_, err := methods[i].Handler(services[i], ctx, func(m any) error {
			err := decode(m)
			malformed = err != nil
			return err
		}, w.server.unary)
		if err == nil || malformed {
			return
		}
		e, ok := FromStatus(err)
		if !ok || hidden(e.Reason) {
			t.Fatalf("%s answers %v", methods[i].MethodName, err)
		}
	})
}

// serviceOf is the implementation of a service of ours.
func (s *Server) serviceOf(d *grpc.ServiceDesc) any {
	switch d.ServiceName {
	case valisev1.InquiryService_ServiceDesc.ServiceName:
		return &inquiryService{server: s}
	case valisev1.RecordService_ServiceDesc.ServiceName:
		return &recordService{server: s}
	case valisev1.DirectoryService_ServiceDesc.ServiceName:
		return &directoryService{server: s}
	case valisev1.NodeService_ServiceDesc.ServiceName:
		return &nodeService{server: s}
	}
	return &officerService{server: s}
}
