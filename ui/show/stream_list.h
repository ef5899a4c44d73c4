/*
 * StreamList: the RTP streams of some calls, or of the whole input, filtered and sorted, while the
 * trace grows.
 *
 * Rows are stream numbers (RtpStream.number).  A pass looks at all streams, in slices; the rows of
 * the pass before are shown meanwhile.  While packets come there is another pass twice a second.
 */
#pragma once

#include "ui/show/field_list.h"
#include "dissect/query/display_filter.h"

/* More rows than these stay in order of appearance: they are sorted at once. */
enum { STREAM_LIST_SORTED_MAX = 50000 };

typedef struct StreamList StreamList;

/* `calls`: numbers, copied; none: of the whole input. */
StreamList *stream_list_new(const Trace *trace, const StoreSet *stores, const GArray *calls);
void stream_list_free(StreamList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StreamList, stream_list_free)

/* Those of its calls, or all of the input. */
void stream_list_show_all(StreamList *list, bool all);

/* A filter of streams, owned from now on; NULL: none. */
void stream_list_set_filter(StreamList *list, DisplayFilter *filter);

/* NULL: by order of appearance. */
void stream_list_sort(StreamList *list, const Field *field, bool descending);

/* Works until then; true while there is more to do. */
bool stream_list_step(StreamList *list, int64_t until_us);

/* Part of the pass that is done, from 0 to 1; false when none is needed. */
bool stream_list_progress(const StreamList *list, double *ret_done);

size_t stream_list_count(const StreamList *list);
uint32_t stream_list_at(const StreamList *list, size_t row);
bool stream_list_find(const StreamList *list, uint32_t number, size_t *ret_row);

/* Streams that the filter left out; and were there too many to be sorted? */
size_t stream_list_hidden(const StreamList *list);
bool stream_list_is_unsorted(const StreamList *list);
