/* Captures as files, and everything that a source returns of them as text. */
#pragma once

#include <stdio.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "capture/source.h"
#include "tests/capture_build.h"

/* A folder of its own for the files of a test; everything in it goes with it. */
typedef struct {
  char *path;
} Folder;

static inline Folder folder_new(void)
{
  Folder folder = {g_dir_make_tmp("rung-test-XXXXXX", NULL)};

  assert_non_null(folder.path);
  return folder;
}

static inline void folder_clear(Folder *folder)
{
  GDir *dir = g_dir_open(folder->path, 0, NULL);

  for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
    g_autofree char *path = g_build_filename(folder->path, name, NULL);
    g_remove(path);
  }
  g_dir_close(dir);
  g_rmdir(folder->path);
  g_free(folder->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folder, folder_clear)

/* The path of a new file that holds these octets; freed with g_free. */
static inline char *folder_add(const Folder *folder, const char *name, Slice octets)
{
  char *path = g_build_filename(folder->path, name, NULL);

  /* anew: GLib would sync a file that it replaces, which takes long */
  g_remove(path);
  assert_true(g_file_set_contents(path, octets.data, (gssize) octets.len, NULL));
  return path;
}

static inline unsigned folder_count(const Folder *folder)
{
  GDir *dir = g_dir_open(folder->path, 0, NULL);
  unsigned count = 0;

  while (g_dir_read_name(dir))
    count++;
  g_dir_close(dir);
  return count;
}

/* The result of reading all. */
typedef struct {
  GString *frames; /* see frame_to_text; "?" before those that did not match */
  GString *faults; /* one per line, without the path of the folder */
  GString *inputs; /* a digit for each frame */
  char *error;     /* of opening, or NULL */
  int error_code;
  SourceProgress progress;
} Reading;

static inline void reading_clear(Reading *reading)
{
  g_string_free(reading->frames, true);
  g_string_free(reading->faults, true);
  g_string_free(reading->inputs, true);
  g_free(reading->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* The frame's bytes must be found again by its reference. */
static inline void check_ref(StoreSet *stores, const Frame *frame)
{
  g_autofree char *again = g_malloc(frame->len + 1);

  assert_true(store_set_flush(stores, NULL));
  assert_true(store_read(stores, frame->ref, again, frame->len, NULL));
  assert_memory_equal(again, frame->data, frame->len);
}

static inline void reading_add(Reading *reading, StoreSet *stores, const FrameBatch *batch)
{
  for (size_t i = 0; i < batch->count; i++) {
    check_ref(stores, &batch->frames[i]);
    g_string_append(reading->frames, batch->frames[i].matched ? "" : "?");
    frame_to_text(&batch->frames[i], reading->frames);
    g_string_append_printf(reading->inputs, "%u", batch->frames[i].input);
  }
}

/* A message about a file without the folder it is in. */
static inline const char *without_folder(const char *line)
{
  const char *colon = strstr(line, ": ");
  const char *slash = colon ? g_strrstr_len(line, colon - line, "/") : NULL;

  return slash ? slash + 1 : line;
}

static inline void reading_finish(Reading *reading, const Source *source)
{
  const GPtrArray *faults = source_faults(source);

  for (guint i = 0; i < faults->len; i++)
    g_string_append_printf(reading->faults, "%s\n", without_folder(g_ptr_array_index(faults, i)));
  reading->progress = source_progress(source);
}

/* All again out of the stores: the same frames, numbers and inputs. */
static inline void check_again(const Reading *reading, Source *source, StoreSet *stores)
{
  assert_true(source_flush(source, NULL));
  g_autoptr(Source) again = source_open_again(source, stores, NULL);
  Reading second = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)};
  FrameBatch batch = {0};

  assert_non_null(again);
  while (source_read(again, &batch) != SOURCE_END)
    reading_add(&second, stores, &batch);
  assert_string_equal(second.frames->str, reading->frames->str);
  assert_string_equal(second.inputs->str, reading->inputs->str);
  frame_batch_clear(&batch);
  reading_clear(&second);
}

static inline Reading read_all(const SourceOptions *options)
{
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Source) source = source_open(options, stores, &error);
  Reading reading = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)};
  FrameBatch batches[2] = {0}; /* in turn: nothing may depend on the batch before */
  SourceStatus status = SOURCE_FRAMES;

  if (!source) {
    reading.error = g_strdup(without_folder(error->message));
    reading.error_code = error->code;
    return reading;
  }
  for (int i = 0; status != SOURCE_END; i++) {
    status = source_read(source, &batches[i % 2]);
    assert_int_equal(status == SOURCE_FRAMES, batches[i % 2].count > 0);
    reading_add(&reading, stores, &batches[i % 2]);
  }
  reading_finish(&reading, source);
  check_again(&reading, source, stores);
  frame_batch_clear(&batches[0]);
  frame_batch_clear(&batches[1]);
  return reading;
}

static inline Reading read_file(const char *path)
{
  const char *const files[] = {path, NULL};

  return read_all(&(SourceOptions){.files = files});
}
