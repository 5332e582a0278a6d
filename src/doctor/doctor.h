/** Can a run use this directory, with these ranks? */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

/** Probe `directory`, by this process alone or, under a launcher, by all ranks, each of which calls
 *  this: it starts and ends MPI there. Rank 0 prints what is found and the settings for the job
 *  script on stdout. What is written is removed, also when a signal ends the process. Returns the
 *  exit code: 0 fit, 4 not, 1 where MPI failed; 0 on ranks above 0. */
int ig_doctor(const char *directory);

#endif
