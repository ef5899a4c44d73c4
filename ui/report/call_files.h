/*
 * CallFiles: the packets of each call in a file of its own.
 *
 * "trace.pcapng" gives trace_20261129104500_7_CALL-ID.pcapng: the local time at which the call
 * began, its number, and its Call-ID, shortened, with _ in place of what is no letter, digit or one
 * of "-.@".  Packets are collected, and written to one file after another: only one is open at a
 * time, and of the others little more than the name is remembered, until their calls are evicted.
 */
#pragma once

#include "capture/writer.h"
#include "dissect/pick/frame_memory.h"
#include "dissect/trace/trace.h"

typedef struct CallFiles CallFiles;

/* `options`: of each file, without descriptor; `options.name` is the path.  What it and the others
 * point to must outlive this. */
CallFiles *call_files_new(const Trace *trace, StoreSet *stores, const WriterOptions *options);
void call_files_free(CallFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallFiles, call_files_free)

/* The call is evicted next: packets of it that are still to come need its name. */
void call_files_leaving(CallFiles *files, const Call *call);

/* Is for the next flush; false if there are too many that could not be written. */
bool call_files_add(CallFiles *files, const PickedFrame *frame);

/* Writes what was added.  On failure what is left is tried again the next time. */
G_GNUC_WARN_UNUSED_RESULT bool call_files_flush(CallFiles *files, GError **error);

/* Of all files so far: bytes, and packets. */
uint64_t call_files_bytes(const CallFiles *files);
uint64_t call_files_packets(const CallFiles *files);

/* Packets that were left out, since this was called last. */
uint64_t call_files_take_lost(CallFiles *files);
