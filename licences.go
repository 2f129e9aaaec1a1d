// Package valise holds nothing but the licence texts that every copy of the program must carry.
// It imports nothing and must stay so.
package valise

import _ "embed"

// Licence is the licence of Valise itself.
//
//go:embed LICENSE
var Licence string

// ThirdPartyLicences are the licences of everything that is linked in.
//
//go:embed THIRD_PARTY_LICENSES
var ThirdPartyLicences string
