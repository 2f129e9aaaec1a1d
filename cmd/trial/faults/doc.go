// Command faults tries Valise under faults of processes and disks: `make faults`.
//
// # What it is
//
// A driver that makes labs (package exercise/lab), runs their nodes and relays as processes of
// this same program, breaks them and judges what is left by both records (package history). Its
// parts, which -only chooses:
//
//	points   kill -9 at every named crash point (package crashpoint); all must be passed
//	disk     at every change that a node makes to its disk: kill, EIO and ENOSPC, once and from
//	         then on; the home is shown through a FUSE layer that counts the changes
//	images   the same layer writes down every change; then what a power failure may leave at
//	         each moment is laid out and opened, with writes missing, torn and out of order
//	power    nodes and relay on ext4 and XFS on loop devices, shut down under load
//
// Each part has a seeded fault that it must find, and says so. The last line is
// "N passed, 0 failed"; it ends with 0 only when nothing failed and something was tried.
//
// It needs Linux, root, /dev/fuse, loop devices, xfsprogs and e2fsprogs (make deps), and must be
// built with -tags faults, which compiles in the crash points, the seeded faults
// (VALISE_MUTANT) and short redelivery at the relay.
//
// # What it must never do
//
// Be shipped. Read the record through other code than a node's. Touch anything outside the
// folders that it makes in -dir, or end a process that it did not start. Open a doubtful file in
// its own process: images are opened by processes under a limit of memory.
//
// # What is on disk
//
// Temporary folders in -dir, each with a lab or an image of a file system; they are removed.
package main
