// Command faults tries Valise under faults of processes and disks.
package main
