package locale_test

import (
	"fmt"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

func Example() {
	environment := map[string]string{"LANG": "es_MX.UTF-8"}
	l := locale.FromEnvironment(func(name string) string { return environment[name] })
	texts := locale.Of(l)
	fmt.Println(l, l.Endonym(), l.Direction())
	fmt.Println(texts.Sentence(valisev1.Reason_REASON_NOT_FOUND))
	fmt.Println(texts.Unproven(1))
	_, reviewed := texts.Review()
	fmt.Println("reviewed:", reviewed)
	// Output:
	// es español ltr
	// esto no se ha encontrado aquí
	// no se pudo probar 1 asiento, porque falta su clave; el resto se ha escrito
	// reviewed: false
}
