/*
 * Sipp: a call as two scenarios of SIPp, which play its first hop against each other: who called
 * whom, with the same messages in the same order and after the same times.
 *
 * Live are: Call-ID, branches, tags, addresses, ports of audio and video, lengths, credentials.
 * All else is as it was sent.  Copies of messages are left out; what is no text, too.
 */
#pragma once

#include "dissect/trace/trace.h"

enum { SIPP_STEPS_MAX = 500 };

typedef enum {
  SIPP_UAC, /* who sent the first message */
  SIPP_UAS,
} SippSide;

typedef struct SippCall SippCall;

/* Reads its messages.  Fails if they cannot be read again, or do not begin with a request. */
G_GNUC_WARN_UNUSED_RESULT SippCall *sipp_call_new(const Trace *trace, const Call *call,
                                                  const StoreSet *stores, GError **error);
void sipp_call_free(SippCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SippCall, sipp_call_free)

/* A line for each kind of thing that cannot be played, with numbers. */
void sipp_call_append_notes(const SippCall *call, GPtrArray *lines);

/* The scenario of a side. */
void sipp_call_append(const SippCall *call, SippSide side, GString *to);

/* A shell script that plays both on the loopback interface; `stem` is the beginning of their
 * names. */
void sipp_call_append_script(const SippCall *call, const char *stem, GString *to);
