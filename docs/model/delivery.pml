/*
 * Delivery of messages from one sender to one recipient over a relay that can be trusted with
 * nothing: docs/protocol.md §7.1 to §7.6, as small as it can be and still go wrong.
 *
 * Two messages, two epochs of the sender with two numbers each, two lives of the recipient, and a
 * few faults: the relay forgets everything, a node ends between two steps, a disk goes back to its
 * backup and its node is told so. Doubling, reordering and delay cost nothing and may happen at any time. At some moment the faults end, everything is carried out,
 * and what must hold in the end is asserted; what must hold always is asserted where it could break.
 *
 * Safety only. That everything comes to rest is for the simulation (gateway/sim).
 *
 * `make model` checks that the model as it stands holds, and that each seeded mistake is found:
 *
 * mistakes: NO_DEDUPE NO_HOLD_BACK TRUST_RELAY RECEIPT_FIRST NO_EPOCH NO_RETURN NO_RESEND ANY_RECEIPT
 */

#define MSGS   2
#define NUMS   2                        /* numbers of an epoch */
#define EPOCHS 2
#define PLACES 4                        /* EPOCHS * NUMS */
#define PLACE(e, n) ((e) * NUMS + (n) - 1)
#define EPOCH_OF(p) ((p) / NUMS)
#define NUM_OF(p)   ((p) % NUMS + 1)
#define NOWHERE 9

#ifndef FAULTS
#define FAULTS 3
#endif

/* The sender's disk, and its backup. */
typedef Sender {
	byte where[MSGS];                   /* the place that a message has, or NOWHERE */
	bit  waits[MSGS];                   /* it stands in the outbox */
	byte next[EPOCHS];                  /* the next number of an epoch */
	byte epoch;
	byte last;                          /* what the opening of the present epoch names */
	byte life;                          /* of the recipient, by its newest receipt */
}
Sender s, sBackup;

/* The recipient's disk, and its backup. */
typedef Recipient {
	byte at[PLACES];                    /* 1 + message that is recorded there, or 0 */
	byte times[MSGS];                   /* how often a message is recorded */
	byte shown[EPOCHS];                 /* numbers shown in order */
	bit  closed[PLACES];                /* its sender forgot it: nothing waits for it, and if it comes it is taken */
	bit  returned[PLACES];
	bit  opened;                        /* the opening of the second epoch has come */
	byte last;                          /* what it named */
	byte life;
}
Recipient r, rBackup;

bit sSaved, rSaved, sRestored, rRestored;

/* The relay: one envelope a place, and the newest receipt. */
byte box[PLACES];                       /* 1 + message, or 0 */
byte boxLast[PLACES];                   /* the opening in it */
bit  receipt;
byte says[PLACES];                      /* 1 + message that the receipt covers */
byte saysLife;

/* What people know. */
bit  told[MSGS];                        /* an officer was answered OK */
bit  lost[MSGS];                        /* no disk held it any more */
byte faults = FAULTS;

#define HELD(m) (s.where[m] != NOWHERE || r.times[m] > 0)

inline judgeLoss() {
	m = 0;
	do
	:: m < MSGS -> lost[m] = lost[m] || !HELD(m); m++
	:: else -> break
	od;
	m = 0
}

/* An officer sends m, once: place and outbox row are one commit, and then the answer. */
inline send(m) {
	told[m] = 1;
	s.where[m] = PLACE(s.epoch, s.next[s.epoch]);
	s.next[s.epoch]++;
	s.waits[m] = 1;
	lost[m] = 0
}

/* What waits may go out again at any time. */
inline publish(m) {
	box[s.where[m]] = m + 1;
	boxLast[s.where[m]] = s.last;
#ifdef TRUST_RELAY
	s.waits[m] = 0;
#endif
}

/* Numbers are shown in order; what is closed is passed over. */
inline reveal(e) {
	do
	:: r.shown[e] < NUMS && (r.at[PLACE(e, r.shown[e] + 1)] || r.closed[PLACE(e, r.shown[e] + 1)]) -> r.shown[e]++
	:: else -> break
	od
}

inline commit(p, m) {
	r.at[p] = m + 1;
	r.times[m]++;
	assert(r.times[m] <= 1);            /* P2: nothing comes twice */
#ifdef NO_HOLD_BACK
	assert(NUM_OF(p) == r.shown[EPOCH_OF(p)] + 1); /* P3: shown in the order of sending */
	r.shown[EPOCH_OF(p)] = NUM_OF(p);
#else
	reveal(EPOCH_OF(p));
	assert(r.shown[EPOCH_OF(p)] < NUM_OF(p) || r.at[p]);
#endif
}

inline cover(p, m) {
	receipt = 1;
	says[p] = m + 1;
	saysLife = r.life;
}

/* The recipient takes what lies at p. Item, number and the receipt due are one commit; the
 * receipt leaves after it. */
inline take(p) {
	v = box[p] - 1;
	if
	:: EPOCH_OF(p) == 1 && !r.opened -> r.opened = 1; r.last = boxLast[p]
	:: else
	fi;
	/* One place is one message: an honest sender never contradicts itself. */
	assert(r.at[p] == 0 || r.at[p] == v + 1);
	if
#ifndef NO_DEDUPE
	:: r.at[p] -> skip
#endif
	:: else ->
#ifdef RECEIPT_FIRST
		cover(p, v);
		if
		:: faults > 0 -> faults--; goto crashed
		:: commit(p, v)
		fi
#else
		commit(p, v)
#endif
	fi;
	v = 0
}

/* A receipt is cumulative: whatever was recorded stands in it. */
inline issue() {
	receipt = 1;
	saysLife = r.life;
	q = 0;
	do
	:: q < PLACES -> says[q] = r.at[q]; q++
	:: else -> break
	od;
	q = 0
}

/* What a receipt covers leaves the outbox, and nothing else does. One of a new life of the
 * recipient tells what it has forgotten: that goes out again from the record. */
inline clear() {
	m = 0;
	do
	:: m < MSGS ->
		if
		:: s.where[m] == NOWHERE -> skip
#ifdef ANY_RECEIPT
		:: s.where[m] != NOWHERE && says[s.where[m]] -> s.waits[m] = 0
		:: s.where[m] != NOWHERE && !says[s.where[m]] -> s.waits[m] = 0
#else
		:: s.where[m] != NOWHERE && says[s.where[m]] == m + 1 ->
			/* P4: who signs a receipt has it, unless that disk went back since. */
			assert(r.times[m] > 0 || saysLife != r.life);
			s.waits[m] = 0
		:: s.where[m] != NOWHERE && says[s.where[m]] != m + 1 ->
#ifndef NO_RESEND
			if
			:: saysLife > s.life -> s.waits[m] = 1
			:: else
			fi
#else
			skip
#endif
#endif
		fi;
		m++
	:: else -> break
	od;
	s.life = saysLife;
	m = 0
}

/* The peer gives back what the opening does not know, and what never came there is closed. */
inline giveBack(p) {
	if
	:: r.at[p] && !r.returned[p] ->
		r.returned[p] = 1;
		v = r.at[p] - 1;
		if
		:: s.where[v] == NOWHERE -> s.where[v] = p; s.waits[v] = 0
		:: else
		fi
	:: !r.at[p] -> r.closed[p] = 1; reveal(0)
	:: else
	fi;
	v = 0
}

#define OWED(p) (r.opened && EPOCH_OF(p) == 0 && NUM_OF(p) > r.last && !r.returned[p] && (r.at[p] || !r.closed[p]))

inline copySender(to, from) {
	m = 0;
	do
	:: m < MSGS -> to.where[m] = from.where[m]; to.waits[m] = from.waits[m]; m++
	:: else -> break
	od;
	m = 0;
	to.next[0] = from.next[0]; to.next[1] = from.next[1];
	to.epoch = from.epoch; to.last = from.last; to.life = from.life
}

inline copyRecipient(to, from) {
	q = 0;
	do
	:: q < PLACES ->
		to.at[q] = from.at[q]; to.closed[q] = from.closed[q]; to.returned[q] = from.returned[q]; q++
	:: else -> break
	od;
	q = 0;
	to.times[0] = from.times[0]; to.times[1] = from.times[1];
	to.shown[0] = from.shown[0]; to.shown[1] = from.shown[1];
	to.opened = from.opened; to.last = from.last; to.life = from.life
}

/* Restored from its backup, and told so: a new epoch that names the last number it knows. */
inline restoreSender() {
	copySender(s, sBackup);
	sRestored = 1;
#ifndef NO_EPOCH
	s.last = s.next[0] - 1;
	s.epoch = 1;
#endif
	judgeLoss()
}

inline restoreRecipient() {
	copyRecipient(r, rBackup);
	rRestored = 1;
	r.life = 1;
	judgeLoss()
}

inline wipe() {
	q = 0;
	do
	:: q < PLACES -> box[q] = 0; q++
	:: else -> break
	od;
	q = 0;
	receipt = 0
}

/* All faults are over: everything that is due is carried out, more often than any of it needs. */
inline heal() {
	round = 0; faults = 0;
	do
	:: round < 4 ->
		p = 0;
		do
		:: p < MSGS ->
			if
			:: s.waits[p] -> publish(p)
			:: else
			fi;
			p++
		:: else -> break
		od;
		p = 0;
		do
		:: p < PLACES ->
			if
			:: box[p] -> take(p); box[p] = 0
			:: else
			fi;
			p++
		:: else -> break
		od;
		p = 0;
		do
		:: p < PLACES ->
#ifndef NO_RETURN
			if
			:: OWED(p) -> giveBack(p)
			:: else
			fi;
#endif
			p++
		:: else -> break
		od;
		issue();
		clear();
		round++
	:: else -> break
	od
}

inline judge() {
	m = 0;
	do
	:: m < MSGS ->
		assert(!told[m] || lost[m] || r.times[m] == 1);       /* P1: nothing is lost */
		assert(!r.times[m] || !sRestored || s.where[m] != NOWHERE || !r.opened); /* P8: what reached a peer is recovered */
		assert(!s.waits[m]);
		m++
	:: else -> break
	od
}

active proctype world() {
	byte m, p, q, v, round;
	atomic {
		s.where[0] = NOWHERE; s.where[1] = NOWHERE;
		s.next[0] = 1; s.next[1] = 1;
		copySender(sBackup, s)
	};
again:
	do
	/* people */
	:: !told[0] && s.next[s.epoch] <= NUMS -> atomic { send(0) }
	:: !told[1] && s.next[s.epoch] <= NUMS -> atomic { send(1) }
	/* the nodes at work */
	:: s.where[0] != NOWHERE && s.waits[0] -> d_step { publish(0) }
	:: s.where[1] != NOWHERE && s.waits[1] -> d_step { publish(1) }
	:: box[0] -> atomic { p = 0; take(p); p = 0 }
	:: box[1] -> atomic { p = 1; take(p); p = 0 }
	:: box[2] -> atomic { p = 2; take(p); p = 0 }
	:: box[3] -> atomic { p = 3; take(p); p = 0 }
	:: d_step { issue() }
	:: receipt -> d_step { clear() }
#ifndef NO_RETURN
	:: OWED(0) -> d_step { giveBack(0) }
	:: OWED(1) -> d_step { giveBack(1) }
#endif
	/* what goes wrong */
	:: faults > 0 -> d_step { faults--; wipe() }
	:: !sSaved -> d_step { sSaved = 1; copySender(sBackup, s) }
	:: !rSaved -> d_step { rSaved = 1; copyRecipient(rBackup, r) }
	:: faults > 0 && sSaved && !sRestored -> d_step { faults--; restoreSender() }
	:: faults > 0 && rSaved && !rRestored -> d_step { faults--; restoreRecipient() }
	/* the end */
	:: break
	od;
	atomic { heal(); judge() };
	goto done;
crashed:
	goto again;
done:
	skip
}
