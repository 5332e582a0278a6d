/** What the machine has. */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

/** Bytes of physical memory, which the ranks of a machine share; INFINITY where it is not told. */
double ig_machine_memory(void);

#endif
