#include "capture/source.h"

#include <stdatomic.h>

#include "capture/capture_file.h"
#include "capture/error.h"
#include "capture/filter.h"
#include "capture/live.h"
#include "capture/merge.h"
#include "capture/walk.h"

/* A piece that stays in the processor's cache while it is looked at; smaller when many files
 * are open at once. */
enum {
  PIECE_MAX = 64 * 1024,
  PIECE_MIN = 32 * 1024,
  PIECES_SUM = 16 * 1024 * 1024,
};

/* Of a batch that frames of several files are copied to. */
enum { MERGED_BYTES = 2 * PACKET_LEN_MAX, MERGED_FRAMES = 4096 };

/* Either live, or files; merge when there are several.  What was captured live is a file when it is
 * read again. */
struct Source {
  StoreSet *stores;
  Filter *filter; /* or NULL */
  Live *live;
  GPtrArray *files; /* of CaptureFile */
  Merge *merge;
  bool is_again;
  bool was_live;   /* what is read again */
  uint64_t frames; /* read so far, and how many there may be */
  uint64_t frames_max;
  _Atomic uint64_t flushed; /* frames that can be read again */
  GPtrArray *faults;
  bool ended;
  uint64_t bytes_total;
  _Atomic uint64_t bytes_done;
  atomic_bool stop;
  int64_t drained_us; /* when a stopped live source has given all it had; 0 before */
};

static void free_file(gpointer file)
{
  capture_file_free(file);
}

static size_t piece_size(unsigned files)
{
  return CLAMP((size_t) PIECES_SUM / files, (size_t) PIECE_MIN, (size_t) PIECE_MAX);
}

static unsigned count_names(const char *const *names)
{
  unsigned count = 0;

  while (names[count])
    count++;
  return count;
}

static CaptureFileOptions file_options(const Source *source, unsigned count)
{
  return (CaptureFileOptions){
    .stores = source->stores, .piece = piece_size(count), .stop = &source->stop};
}

static void set_files(Source *source)
{
  bool all_known = true;

  for (unsigned i = 0; i < source->files->len; i++) {
    uint64_t total = capture_file_total(g_ptr_array_index(source->files, i));
    source->bytes_total += total;
    all_known = all_known && total > 0;
  }
  if (!all_known)
    source->bytes_total = 0;
  if (source->files->len > 1)
    source->merge = merge_new((CaptureFile *const *) source->files->pdata, source->files->len);
}

static bool open_files(Source *source, const char *const *names, GError **error)
{
  unsigned count = count_names(names);
  CaptureFileOptions options = file_options(source, count);

  for (unsigned i = 0; i < count; i++) {
    options.name = names[i];
    CaptureFile *file = capture_file_open(options, error);
    if (!file)
      return false;
    g_ptr_array_add(source->files, file);
  }
  set_files(source);
  return true;
}

static bool open_stored(Source *source, CaptureFileOptions options, unsigned store, GError **error)
{
  CaptureFile *file = capture_file_open_stored(options, store, error);

  if (file)
    g_ptr_array_add(source->files, file);
  return file != NULL;
}

static bool open_all_stored(Source *source, const Source *first, GError **error)
{
  unsigned count = first->live ? 1 : first->files->len;
  CaptureFileOptions options = file_options(source, count);

  options.name = "what was captured";
  if (first->live && !open_stored(source, options, live_store(first->live), error))
    return false;
  for (unsigned i = 0; i < first->files->len; i++) {
    const CaptureFile *file = first->files->pdata[i];
    options.name = capture_file_name(file);
    if (!open_stored(source, options, capture_file_store(file), error))
      return false;
  }
  set_files(source);
  return true;
}

static bool is_blank(const char *text)
{
  return !text || slice_trim(slice_from_string(text)).len == 0;
}

static bool open_inputs(Source *source, const SourceOptions *options, GError **error)
{
  if (options->files && options->files[0])
    return open_files(source, options->files, error);
  if (!options->interfaces || !options->interfaces[0]) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "neither a file nor an interface is named");
    return false;
  }
  source->live = live_open(options->interfaces, source->filter, source->stores, error);
  return source->live != NULL;
}

/* With its filter; NULL when that is wrong. */
static Source *source_new(const char *filter, StoreSet *stores, GError **error)
{
  g_autoptr(Source) source = g_new0(Source, 1);

  source->stores = stores;
  source->frames_max = UINT64_MAX;
  source->files = g_ptr_array_new_with_free_func(free_file);
  source->faults = g_ptr_array_new_with_free_func(g_free);
  if (!is_blank(filter)) {
    source->filter = filter_new(filter, error);
    if (!source->filter)
      return NULL;
  }
  return g_steal_pointer(&source);
}

Source *source_open(const SourceOptions *options, StoreSet *stores, GError **error)
{
  g_autoptr(Source) source = source_new(options->filter, stores, error);

  if (!source || !open_inputs(source, options, error))
    return NULL;
  return g_steal_pointer(&source);
}

Source *source_open_again(const Source *source, StoreSet *stores, GError **error)
{
  const char *filter = source->filter ? filter_expression(source->filter) : NULL;
  g_autoptr(Source) again = source_new(filter, stores, error);

  if (!again)
    return NULL;
  again->is_again = true;
  again->was_live = source_is_live(source);
  again->frames_max = source_flushed_frames(source);
  if (again->frames_max > 0 && !open_all_stored(again, source, error))
    return NULL;
  return g_steal_pointer(&again);
}

void source_free(Source *source)
{
  if (!source)
    return;
  merge_free(source->merge);
  g_ptr_array_unref(source->files);
  live_free(source->live);
  filter_free(source->filter);
  g_ptr_array_unref(source->faults);
  g_free(source);
}

/* Counts the frame; false when it needs not be handed over. */
static bool accept(Source *source, Frame *frame)
{
  frame->number = ++source->frames;
  frame->matched = true;
  if (!source->filter)
    return true;
  if (source->was_live) { /* the kernel has rejected what it should */
    frame->matched = filter_judge_live(source->filter, frame);
    return true;
  }
  FilterVerdict verdict = filter_judge(source->filter, frame);
  frame->matched = verdict == FILTER_MATCHES;
  return verdict != FILTER_REJECTS;
}

static void accept_all(Source *source, FrameBatch *batch)
{
  size_t kept = 0;

  for (size_t i = 0; i < batch->count && source->frames < source->frames_max; i++) {
    Frame *frame = &batch->frames[i];
    if (!source->was_live)
      frame->input = 0;
    if (!accept(source, frame))
      continue;
    if (kept != i)
      batch->frames[kept] = *frame;
    kept++;
  }
  batch->count = kept;
}

/* Frames of merged files lie in as many batches; they are copied to the one.  Ends, with what
 * there is, also when a filter rejected many, so that progress can be told. */
static SourceStatus read_merged(Source *source, FrameBatch *batch)
{
  size_t used = 0;

  frame_batch_reserve(batch, MERGED_BYTES);
  for (unsigned i = 0; i < MERGED_FRAMES && batch->bytes_room - used >= PACKET_LEN_MAX &&
                       source->frames < source->frames_max;
       i++) {
    Frame *frame = NULL;
    SourceStatus status = merge_peek(source->merge, &frame);
    if (status != SOURCE_FRAMES)
      return batch->count > 0 ? SOURCE_FRAMES : status;
    if (accept(source, frame)) {
      Frame *copy = frame_batch_add(batch);
      *copy = *frame;
      copy->data = batch->bytes + used;
      memcpy(batch->bytes + used, frame->data, frame->len);
      used += frame->len;
    }
    merge_skip(source->merge);
  }
  return SOURCE_FRAMES;
}

/* What was captured before the stop may still be on its way from the kernel. */
static bool live_is_over(Source *source)
{
  enum { DRAIN_US = 150 * 1000 };

  if (!atomic_load_explicit(&source->stop, memory_order_relaxed))
    return false;
  if (source->drained_us == 0)
    source->drained_us = g_get_monotonic_time() + DRAIN_US;
  return g_get_monotonic_time() >= source->drained_us;
}

static SourceStatus read_live(Source *source, FrameBatch *batch)
{
  if (live_is_over(source))
    return SOURCE_END;
  SourceStatus status = live_read(source->live, batch, source->faults);

  for (size_t i = 0; i < batch->count; i++)
    batch->frames[i].number = ++source->frames;
  return status;
}

static SourceStatus read_some(Source *source, FrameBatch *batch)
{
  batch->count = 0;
  if (source->live)
    return read_live(source, batch);
  if (atomic_load_explicit(&source->stop, memory_order_relaxed) ||
      source->frames >= source->frames_max)
    return SOURCE_END;
  if (source->merge)
    return read_merged(source, batch);
  SourceStatus status = capture_file_read(g_ptr_array_index(source->files, 0), batch);
  accept_all(source, batch);
  return status;
}

static void update_progress(Source *source)
{
  uint64_t done = 0;

  for (unsigned i = 0; i < source->files->len; i++)
    done += capture_file_done(g_ptr_array_index(source->files, i));
  atomic_store_explicit(&source->bytes_done, done, memory_order_relaxed);
}

static void end(Source *source)
{
  source->ended = true;
  for (unsigned i = 0; i < source->files->len; i++) {
    const char *fault = capture_file_fault(g_ptr_array_index(source->files, i));
    if (fault)
      g_ptr_array_add(source->faults, g_strdup(fault));
  }
  if (source->filter)
    filter_add_faults(source->filter, source->faults);
}

SourceStatus source_read(Source *source, FrameBatch *batch)
{
  SourceStatus status;

  batch->count = 0;
  if (source->ended)
    return SOURCE_END;
  do {
    status = read_some(source, batch);
    update_progress(source);
  } while (status == SOURCE_FRAMES && batch->count == 0 && !source->is_again);
  if (status == SOURCE_FRAMES && batch->count == 0)
    return SOURCE_IDLE;
  if (status == SOURCE_END)
    end(source);
  return status;
}

bool source_flush(Source *source, GError **error)
{
  if (!store_set_flush(source->stores, error))
    return false;
  atomic_store_explicit(&source->flushed, source->frames, memory_order_release);
  return true;
}

uint64_t source_flushed_frames(const Source *source)
{
  return atomic_load_explicit(&source->flushed, memory_order_acquire);
}

void source_stop(Source *source)
{
  atomic_store_explicit(&source->stop, true, memory_order_relaxed);
}

SourceProgress source_progress(const Source *source)
{
  return (SourceProgress){.bytes_done =
                            atomic_load_explicit(&source->bytes_done, memory_order_relaxed),
                          .bytes_total = source->bytes_total};
}

const GPtrArray *source_faults(const Source *source)
{
  return source->faults;
}

uint64_t source_dropped(const Source *source)
{
  return source->live ? live_dropped(source->live) : 0;
}

bool source_is_live(const Source *source)
{
  return source->live != NULL;
}

const char *source_input_name(const Source *source, unsigned input)
{
  g_assert(input < source_input_count(source));
  return source->live ? live_name(source->live, input)
                      : capture_file_name(g_ptr_array_index(source->files, input));
}

unsigned source_input_count(const Source *source)
{
  return source->live ? live_count(source->live) : source->files->len;
}
