/*
 * RemarkFile: the remarks of a capture, in a file beside it: FILE.notes.
 *
 * A line each, by time: the start of the call (RFC 3339, UTC), its Call-ID and the text, with tabs
 * between; in Call-ID and text, backslash and control characters are escaped as in C.  Without a
 * text: what other notes say of the call was taken away.  Lines that begin with # are left alone
 * when it is read, and lost when it is written.
 */
#pragma once

#include "dissect/trace/remarks.h"
#include "ui/show/selection.h"

/* "FILE.notes", freed with g_free. */
char *remark_file_path(const char *capture);

/* Adds those of that capture, if there are any; `is_elsewhere`: they will not be written there.
 * Fails with APP_ERROR_IO; or with APP_ERROR_FORMAT at the first line that is none, or when it is
 * larger than any such file. */
G_GNUC_WARN_UNUSED_RESULT bool remark_file_read(const char *capture, bool is_elsewhere, Remarks *to,
                                                GError **error);

/* Replaces the file; without remarks, removes it.  Fails also where there is a file that cannot be
 * read: it may be somebody's work. */
G_GNUC_WARN_UNUSED_RESULT bool remark_file_write(const char *capture, const Remarks *remarks,
                                                 GError **error);

/* The same with those of the selected calls alone, for a capture of these. */
G_GNUC_WARN_UNUSED_RESULT bool remark_file_write_selected(const char *capture,
                                                          const Remarks *remarks,
                                                          Selection *selection, GError **error);
