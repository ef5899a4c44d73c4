/*
 * PduSave: writes the selected messages as PDUs that Wireshark exports and opens
 * (https://www.tcpdump.org/linktypes/LINKTYPE_WIRESHARK_UPPER_PDU.html), in slices: each as it was
 * sent, without what carried it or encrypted it.  The descriptor stays the caller's.
 */
#pragma once

#include "ui/report/packet_save.h"

typedef struct PduSave PduSave;

/* What `input` and `options` point to must outlive it. */
PduSave *pdu_save_new(const PacketSaveInput *input, const PacketSaveOptions *options);
void pdu_save_free(PduSave *save);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PduSave, pdu_save_free)

/* A slice of the work; true while there is more to do. */
bool pdu_save_step(PduSave *save, int64_t until_us);

/* From 0 to 1. */
double pdu_save_progress(const PduSave *save);

/* At the end: fails if something could not be written. */
G_GNUC_WARN_UNUSED_RESULT bool pdu_save_finish(PduSave *save, GError **error);
