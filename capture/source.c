#include "capture/source.h"

#include "capture/error.h"
#include "capture/language.h"
#include "capture/source_ops.h"

/* With its filter; NULL when the filter is wrong. */
static Source *source_new(const char *filter, StoreSet *stores, GError **error)
{
  g_autoptr(Source) source = g_new0(Source, 1);

  source->stores = stores;
  source->frames_max = UINT64_MAX;
  source->derived = STORE_NONE;
  source->faults = g_ptr_array_new_with_free_func(g_free);
  source->key_logs = g_ptr_array_new_with_free_func((GDestroyNotify) key_log_free);
  source->notes = g_ptr_array_new_with_free_func(g_free);
  if (filter && slice_trim(slice_from_string(filter)).len > 0) {
    source->filter = filter_new(filter, error);
    if (!source->filter)
      return NULL;
  }
  return g_steal_pointer(&source);
}

static unsigned count_names(const char *const *names)
{
  unsigned count = 0;

  while (names && names[count])
    count++;
  return count;
}

static bool open_secrets(Source *source, const char *const *names, SecretsKind kind, GError **error)
{
  for (; names && *names; names++) {
    KeyLog *log = key_log_open(*names, kind, error);
    if (!log)
      return false;
    g_ptr_array_add(source->key_logs, log);
  }
  return true;
}

Source *source_open(const SourceOptions *options, StoreSet *stores, GError **error)
{
  g_autoptr(Source) source = source_new(options->filter, stores, error);
  unsigned files = count_names(options->files);
  unsigned interfaces = count_names(options->interfaces) + count_names(options->hep_addresses);
  bool ok = false;

  if (!source || !open_secrets(source, options->private_keys, SECRETS_PRIVATE_KEY, error) ||
      !open_secrets(source, options->key_logs, SECRETS_KEY_LOG, error))
    return NULL;
  source->keeping = options->keeping;
  source->keep_media = options->keep_media;
  source->follows = options->follow && files > 0;
  source->recursive = options->recursive;
  if (files > 0)
    ok = source_open_files(source, options, error);
  else if (interfaces > 0)
    ok = source_open_live(source, options, error);
  else
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("no capture file and no interface given"));
  if (!ok)
    return NULL;
  /* now: later the thread that reads may open nothing, or only as another user */
  if (source->keeping != SOURCE_KEEPS_NOTHING)
    (void) !store_set_add_spool(stores, &source->derived, &source->derived_error);
  if (source->derived_error && files == 0) {
    g_propagate_error(error, g_steal_pointer(&source->derived_error));
    return NULL;
  }
  return g_steal_pointer(&source);
}

Source *source_open_again(const Source *source, StoreSet *stores, GError **error)
{
  const char *filter = source->filter ? filter_expression(source->filter) : NULL;
  g_autoptr(Source) again = source_new(filter, stores, error);

  if (!again)
    return NULL;
  again->is_again = true;
  again->frames_max = source_flushed_frames(source);
  for (guint i = 0; i < source->key_logs->len; i++)
    g_ptr_array_add(again->key_logs, key_log_open_again(source->key_logs->pdata[i]));
  return source->ops->reopen(source, again, error) ? g_steal_pointer(&again) : NULL;
}

void source_free(Source *source)
{
  if (!source)
    return;
  if (source->input)
    source->ops->free(source->input);
  filter_free(source->filter);
  g_clear_error(&source->derived_error);
  g_ptr_array_unref(source->faults);
  g_ptr_array_unref(source->key_logs);
  g_ptr_array_unref(source->notes);
  g_free(source);
}

/* What was appended to the key logs; true when there is more. */
static bool read_key_logs(const Source *source, FrameBatch *batch)
{
  bool has_more = false;

  for (guint i = 0; i < source->key_logs->len; i++)
    has_more |= key_log_read(source->key_logs->pdata[i], &batch->secrets);
  return has_more;
}

SourceStatus source_read(Source *source, FrameBatch *batch)
{
  SourceStatus status;

  batch->count = 0;
  secrets_clear(&batch->secrets);
  if (read_key_logs(source, batch) && !source_is_stopped(source))
    return SOURCE_IDLE; /* keys come before the frames that they open */
  if (source->ended)
    return SOURCE_END;
  do {
    status = source->ops->read(source, batch);
  } while (status == SOURCE_FRAMES && batch->count == 0 && !source->is_again);
  if (status == SOURCE_FRAMES && batch->count == 0)
    return SOURCE_IDLE;
  source->ended = status == SOURCE_END;
  if (source->ended && source->filter)
    filter_add_faults(source->filter, source->faults);
  return status;
}

bool source_flush(Source *source, GError **error)
{
  if (!store_set_flush(source->stores, error))
    return false;
  if (source->ops->flushed)
    source->ops->flushed(source);
  uint64_t frames = source->ops->keep ? source->kept : source->frames;
  atomic_store_explicit(&source->flushed, frames, memory_order_release);
  return true;
}

void source_keep(Source *source, Frame *frame, GError **error)
{
  if (!source->ops->keep)
    return;
  frame->ref = byte_ref_make(STORE_NONE, 0);
  if (source->keeping == SOURCE_KEEPS_FRAMES && source->ops->keep(source, frame, error))
    source->kept++;
}

void source_forget(Source *source)
{
  if (!source->ops->keep || source->keeping != SOURCE_KEEPS_FRAMES)
    return;
  source->ops->forget(source);
  source->kept--;
}

ByteRef source_keep_bytes(Source *source, Slice bytes, GError **error)
{
  ByteRef none = byte_ref_make(STORE_NONE, 0), ref = none;

  if (source->derived == STORE_NONE) {
    if (source->derived_error && error && !*error)
      *error = g_error_copy(source->derived_error);
    return none;
  }
  return store_append(source->stores, source->derived, bytes, &ref, error) ? ref : none;
}

bool source_keeps_media(const Source *source)
{
  return source->keep_media || !source->ops->keep;
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

const GPtrArray *source_notes(const Source *source)
{
  return source->notes;
}

const GPtrArray *source_faults(const Source *source)
{
  return source->faults;
}

uint64_t source_dropped(const Source *source)
{
  unsigned count = source->ops->counts ? source_input_count(source) : 0;
  uint64_t sum = 0;

  for (unsigned i = 0; i < count; i++)
    sum += source->ops->counts(source->input, i).dropped;
  return sum;
}

SourceCounts source_input_counts(const Source *source, unsigned input)
{
  return source->ops->counts ? source->ops->counts(source->input, input) : (SourceCounts){0};
}

bool source_is_live(const Source *source)
{
  return source->ops->is_live || source->follows;
}

bool source_follows(const Source *source)
{
  return source->follows;
}

const char *source_input_name(const Source *source, unsigned input)
{
  g_assert(input < source_input_count(source));
  return source->ops->name(source->input, input);
}

unsigned source_input_count(const Source *source)
{
  return source->ops->count(source->input);
}
