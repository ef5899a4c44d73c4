/*
 * Input: the source that the command line names.
 */
#pragma once

#include "capture/source.h"
#include "ui/options.h"

/* The files, or the interfaces (default: any) when no file is named. */
G_GNUC_WARN_UNUSED_RESULT Source *input_open(const Options *options, StoreSet *stores,
                                             GError **error);
