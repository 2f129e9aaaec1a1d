package locale

// ConsoleTexts are told at the terminal from which the desk is served.
type ConsoleTexts struct {
	Follow Text `toml:"follow"` // what to do with the link
	Opens  Text `toml:"opens"`  // in its place where the browser is started
	Again  Text `toml:"again"`  // how to come by another link
	Close  Text `toml:"close"`  // how to end
}
