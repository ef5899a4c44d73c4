/*
 * Save: what the ways of `rung save` share.
 */
#pragma once

#include "ui/pseudonym_map.h"
#include "ui/session.h"

/* The map holds the only key: refuses to write the output over it.  `output` may be NULL. */
G_GNUC_WARN_UNUSED_RESULT bool save_open_map(const Options *options, const char *output,
                                             PseudonymMap *ret_map, GError **error);

/* Writes the packets of the selected calls, with a progress bar, until a signal comes. */
G_GNUC_WARN_UNUSED_RESULT bool save_packets(Session *session, const PacketSaveOptions *options,
                                            GError **error);

/* `rung save --bundle`. */
ExitStatus save_bundle_run(const Options *options);

/* `rung save --sipp`. */
ExitStatus save_sipp_run(const Options *options);
