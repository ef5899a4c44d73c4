/*
 * The inside of Diagnosis, for diagnosis.c (rules) and diagnoses_ahead.c (threads that work
 * ahead).  Only they include it.
 */
#pragma once

#include "dissect/diagnose/diagnosis.h"

/* All of a diagnosis that needs nothing but the call and what does not change while the trace does
 * not: see capture_index_update and media_hosts_update. */
void diagnosis_begin(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                     Diagnosis *ret_diagnosis);

/* Moves it to the thread of that diagnoser, which has other stores. */
void diagnosis_hand_over(Diagnosis *diagnosis, const Diagnoser *to, Diagnosis *ret_diagnosis);

/*
 * DiagnosesAhead: the diagnoses of many calls, begun by as many threads as there are other cores
 * while those before are ended and printed.  Whoever would have to wait for one begins some itself.
 *
 * The threads read the trace, the index and the hosts of the diagnoser without a lock: nothing may
 * be added to them until this is freed.
 */

/* `calls`: const Call *, in the order in which they will be taken; becomes its own. */
DiagnosesAhead *diagnoses_ahead_new(const Diagnoser *diagnoser, GArray *calls);
void diagnoses_ahead_free(DiagnosesAhead *ahead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DiagnosesAhead, diagnoses_ahead_free)

/* That of the call, which was only begun; false if that call is not the next.  Valid until the next
 * one is taken. */
bool diagnoses_ahead_take(DiagnosesAhead *ahead, const Call *call, Diagnosis *ret_diagnosis);
