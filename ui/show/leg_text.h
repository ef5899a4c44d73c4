/*
 * LegText: what is said of the legs of a conversation, in lists and sentences.
 *
 * Texts are not safe: they have names of header fields that the user configured, and values that
 * peers sent.
 */
#pragma once

#include <glib.h>

#include "dissect/diagnose/conversations.h"

/* "Refer-To with Replaces + Session-ID": the strongest first; of hints too. */
void leg_append_why(const Leg *leg, const char *const *headers, GString *to);

/* "call 3 (Replaces)", "calls 3, 4 (Session-ID), 7 (same users) and 2 more"; of Leg, by what is
 * strongest. */
void legs_append(const GArray *legs, const char *const *headers, GString *to);

/* "attended transfer, forward": a bit per LegService. */
void leg_append_services(unsigned services, GString *to);

/* "leg of call 1 (attended transfer, by Refer-To with Replaces)": what `call` is to the other
 * one. */
void leg_append_story(const Conversations *conversations, const Leg *leg, GString *to);

/* "Session-ID ab30317f... (99 %)" */
void leg_append_proof(const LegProof *proof, const char *const *headers, GString *to);
