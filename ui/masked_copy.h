/*
 * MaskedCopy: a capture that was read, written once more without names, numbers, hosts and
 * addresses, as `save --anonymize` does, for the screen to show instead.
 *
 * A job in slices.  With the same pseudonyms two copies are alike.
 */
#pragma once

#include "dissect/ingest/run.h"
#include "ui/report/packet_save.h"

typedef struct MaskedCopy MaskedCopy;

/* Of a run that has read everything; it and the pseudonyms must outlive it. */
G_GNUC_WARN_UNUSED_RESULT MaskedCopy *masked_copy_new(const Run *run, Pseudonyms *pseudonyms,
                                                      GError **error);
void masked_copy_free(MaskedCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MaskedCopy, masked_copy_free)

/* True while there is more to do. */
bool masked_copy_step(MaskedCopy *copy, int64_t until_us);

/* From 0 to 1. */
double masked_copy_progress(const MaskedCopy *copy);

/* At the end: a descriptor of the copy (scratch_open), which becomes the caller's, and what it
 * lacks; -1 on failure. */
G_GNUC_WARN_UNUSED_RESULT int masked_copy_take(MaskedCopy *copy, MaskedLosses *ret_losses,
                                               GError **error);
