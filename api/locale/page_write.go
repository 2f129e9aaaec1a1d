package locale

// WriteTexts are the pages on which a message is written, checked and sent.
type WriteTexts struct {
	Unfinished         Text          `toml:"unfinished"`
	Discard            Text          `toml:"discard"`
	ToState            Text          `toml:"to_state" places:"state"`
	Continue           Text          `toml:"continue"`
	Later              Text          `toml:"later"`
	AddFiles           Text          `toml:"add_files"`
	Files              Text          `toml:"files"`
	NoFiles            Text          `toml:"no_files"`
	File               Text          `toml:"file"`
	FileHint           Text          `toml:"file_hint"`
	Room               Text          `toml:"room" places:"most"`
	Attach             Text          `toml:"attach"`
	Remove             Text          `toml:"remove"`
	Bytes              Text          `toml:"bytes" places:"bytes"`
	BackToText         Text          `toml:"back_to_text"`
	Check              Text          `toml:"check"`
	CheckText          Text          `toml:"check_text"`
	To                 Text          `toml:"to"`
	From               Text          `toml:"from"`
	InName             Text          `toml:"in_name"`
	NoName             Text          `toml:"no_name"`
	Change             Text          `toml:"change"`
	Notes              Text          `toml:"notes"`
	AlreadySent        Text          `toml:"already_sent"`
	ToSent             Text          `toml:"to_sent"`
	Done               Text          `toml:"done"`
	Handed             Text          `toml:"handed"`
	GoOn               Text          `toml:"go_on"`
	Answering          Text          `toml:"answering" places:"question"`
	Why                Text          `toml:"why"`
	Date               Text          `toml:"date"`
	Clock              Text          `toml:"clock"`
	Zone               Text          `toml:"zone"`
	ZoneHere           Text          `toml:"zone_here"`
	WhatNow            Text          `toml:"what_now"`
	AboutOurs          Text          `toml:"about_ours"`
	AnInquiry          Text          `toml:"an_inquiry"`
	AnAcknowledgement  Text          `toml:"an_acknowledgement"`
	AMessage           Text          `toml:"a_message"`
	WaitsForYou        Text          `toml:"waits_for_you"`
	Clear              Text          `toml:"clear"`
	ClearText          Text          `toml:"clear_text"`
	SendBack           Text          `toml:"send_back"`
	BackNote           Text          `toml:"back_note"`
	Revise             Text          `toml:"revise"`
	RevisesHere        Text          `toml:"revises_here"`
	FilesAgain         Text          `toml:"files_again" places:"files"`
	KeptUnseen         Text          `toml:"kept_unseen" places:"parts"`
	EndsConsent        Text          `toml:"ends_consent" places:"name"`
	AnotherChannel     Text          `toml:"another_channel"`
	AnotherTranslation Text          `toml:"another_translation"`
	WentBack           Text          `toml:"went_back"`
	Act                ActTexts      `toml:"act"`
	Field              FieldTexts    `toml:"field"`
	Option             OptionTexts   `toml:"option"`
	Heading            HeadingTexts  `toml:"heading"`
	Hint               HintTexts     `toml:"hint"`
	Fault              FaultTexts    `toml:"fault"`
	Estimate           EstimateTexts `toml:"estimate"`
	Next               NextTexts     `toml:"next"`
}
