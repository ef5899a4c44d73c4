/*
 * RegistrationText: the bindings of Registrations and what happened to them in words, for the
 * command and the screen alike.
 *
 * Texts may quote what was sent: they are not safe for a terminal.
 */
#pragma once

#include "dissect/diagnose/registrations.h"
#include "ui/show/alias.h"
#include "ui/show/format.h"

typedef struct {
  const Registrations *registrations;
  const Trace *trace;
  const Aliases *aliases; /* or NULL */
  Clock *clock;
} RegistrationText;

/* Events of one kind that follow one another: refreshes are shown as one line. */
typedef struct {
  const RegistrationEvent *first, *last;
  uint32_t count;
} RegistrationRun;

/* Those of one binding (index), of REGISTRATION_NONE those of the AOR as a whole, or of all. */
enum { REGISTRATION_ALL = UINT32_MAX - 1 };

/* The next one; *at begins with 0. */
bool registration_next_run(const Registrations *registrations, const RegistrationAor *aor,
                           uint32_t binding, uint32_t *at, RegistrationRun *ret_run);

/* "registered", ... */
const char *registration_state_name(const RegistrationBinding *binding);

/* "registered since 10:00:00 until 11:00:00; from 192.0.2.1:5060 to 192.0.2.2:5060; ..." */
void registration_append_facts(const RegistrationText *text, const RegistrationBinding *binding,
                               GString *to);

/* "10:00:00.123  registered for 3600 s; messages 1, 2"; `names`: with the contact. */
void registration_append_run(const RegistrationText *text, const RegistrationRun *run, bool names,
                             GString *to);

/* What is beyond the limits or could not be read, in a sentence; appends nothing if that is
 * nothing. */
void registration_append_left_out(const Registrations *registrations, GString *to);
