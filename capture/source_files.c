/*
 * Files as a source: one, or several that are merged by time.  Of all files the frame whose time
 * is smallest comes next, at equal times that of the file named first; within a file the order is
 * kept, even where its times jump back.  A spool of a live capture is read again here, too.
 */
#include <sys/resource.h>

#include "capture/capture_file.h"
#include "capture/error.h"
#include "capture/input_list.h"
#include "capture/language.h"
#include "capture/source_ops.h"
#include "capture/walk.h"

/* A piece stays in the processor's cache while it is looked at; smaller when many files are open
 * at once. */
enum {
  PIECE_MAX = 64 * 1024,
  PIECE_MIN = 32 * 1024,
  PIECES_SUM = 16 * 1024 * 1024,
};

/* Of a batch that frames of several files are copied to. */
enum { MERGED_BYTES = 2 * PACKET_LEN_MAX, MERGED_FRAMES = 4096 };

typedef struct {
  CaptureFile *file;
  FrameBatch batch; /* of merged files: what was read and not yet taken, from `next` on */
  size_t next;
} Input;

/* With several files each input is in the heap while it has a frame, else it is hungry until its
 * file ends. */
typedef struct {
  Input *inputs;
  unsigned count;
  unsigned *heap; /* numbers of inputs, the one that is next first */
  unsigned heap_len;
  unsigned *hungry;
  unsigned hungry_len;
  uint64_t end; /* of a spool: where reading ends */
} Files;

static Files *files_new(unsigned count)
{
  Files *files = g_new0(Files, 1);

  files->inputs = g_new0(Input, count);
  files->heap = g_new(unsigned, count);
  files->hungry = g_new(unsigned, count);
  return files;
}

static void files_free(void *input)
{
  Files *files = input;

  for (unsigned i = 0; i < files->count; i++) {
    capture_file_free(files->inputs[i].file);
    frame_batch_clear(&files->inputs[i].batch);
  }
  g_free(files->inputs);
  g_free(files->heap);
  g_free(files->hungry);
  g_free(files);
}

static bool files_add(Files *files, CaptureFile *file)
{
  if (!file)
    return false;
  files->hungry[files->hungry_len++] = files->count;
  files->inputs[files->count++].file = file;
  return true;
}

static CaptureFileOptions file_options(const Source *source, const char *name, unsigned count)
{
  return (CaptureFileOptions){
    .name = name,
    .stores = source->stores,
    .spool = source->keeping == SOURCE_KEEPS_FRAMES,
    .follow = source->follows,
    .piece = CLAMP((size_t) PIECES_SUM / count, (size_t) PIECE_MIN, (size_t) PIECE_MAX),
    .stop = &source->stop};
}

/* The total of all files; 0 when one of them is unknown. */
static uint64_t bytes_total(const Files *files)
{
  uint64_t sum = 0;

  for (unsigned i = 0; i < files->count; i++) {
    uint64_t total = capture_file_total(files->inputs[i].file);
    if (total == 0)
      return 0;
    sum += total;
  }
  return sum;
}

/* --- Merging -------------------------------------------------------------------------------- */

static Frame *input_head(const Files *files, unsigned number)
{
  const Input *input = &files->inputs[number];

  return &input->batch.frames[input->next];
}

static bool comes_before(const Files *files, unsigned a, unsigned b)
{
  int64_t time_a = input_head(files, a)->time_ns;
  int64_t time_b = input_head(files, b)->time_ns;

  return time_a != time_b ? time_a < time_b : a < b;
}

static void heap_add(Files *files, unsigned number)
{
  unsigned at = files->heap_len++;

  while (at > 0 && comes_before(files, number, files->heap[(at - 1) / 2])) {
    files->heap[at] = files->heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  files->heap[at] = number;
}

/* Puts `number` where the first was, and then where it belongs. */
static void heap_replace_first(Files *files, unsigned number)
{
  unsigned at = 0;

  for (;;) {
    unsigned child = 2 * at + 1;
    if (child >= files->heap_len)
      break;
    if (child + 1 < files->heap_len &&
        comes_before(files, files->heap[child + 1], files->heap[child]))
      child++;
    if (!comes_before(files, files->heap[child], number))
      break;
    files->heap[at] = files->heap[child];
    at = child;
  }
  files->heap[at] = number;
}

/* Every file that has not ended has a frame in the heap: true; false while one is silent. */
static bool feed_hungry(Files *files, FrameBatch *merged)
{
  while (files->hungry_len > 0) {
    unsigned number = files->hungry[files->hungry_len - 1];
    Input *input = &files->inputs[number];
    SourceStatus status = capture_file_read(input->file, &input->batch);

    secrets_move(&merged->secrets, &input->batch.secrets);
    if (status == SOURCE_IDLE)
      return false;
    files->hungry_len--;
    input->next = 0;
    if (status == SOURCE_FRAMES)
      heap_add(files, number);
    else
      frame_batch_clear(&input->batch);
  }
  return true;
}

/* The frame that is next is done with. */
static void skip_first(Files *files)
{
  unsigned number = files->heap[0];
  Input *input = &files->inputs[number];

  input->next++;
  if (input->next < input->batch.count) {
    heap_replace_first(files, number);
    return;
  }
  files->hungry[files->hungry_len++] = number;
  files->heap_len--;
  if (files->heap_len > 0)
    heap_replace_first(files, files->heap[files->heap_len]);
}

/* --- Reading -------------------------------------------------------------------------------- */

/* Numbers and judges a frame; false when it need not be handed over. */
static bool accept_frame(Source *source, Frame *frame)
{
  FilterVerdict verdict = source->filter ? filter_judge(source->filter, frame) : FILTER_ACCEPTS;

  frame->number = ++source->frames;
  frame->matched = verdict == FILTER_ACCEPTS;
  return verdict != FILTER_REJECTS;
}

static SourceStatus read_one(Source *source, FrameBatch *batch)
{
  const Files *files = source->input;
  SourceStatus status = capture_file_read(files->inputs[0].file, batch);
  size_t kept = 0;

  for (size_t i = 0; i < batch->count && source->frames < source->frames_max; i++) {
    Frame *frame = &batch->frames[i];
    frame->input = 0;
    if (!accept_frame(source, frame))
      continue;
    if (kept != i)
      batch->frames[kept] = *frame;
    kept++;
  }
  batch->count = kept;
  return status;
}

/* The frames lie in a batch of each file; they are copied to the one.  Returns what there is also
 * when the filter rejected many, so that progress is shown. */
static SourceStatus read_merged(Source *source, FrameBatch *batch)
{
  Files *files = source->input;
  size_t used = 0;

  frame_batch_reserve(batch, MERGED_BYTES);
  for (unsigned i = 0; i < MERGED_FRAMES && batch->bytes_room - used >= PACKET_LEN_MAX &&
                       source->frames < source->frames_max;
       i++) {
    bool all_fed = feed_hungry(files, batch);
    if (!all_fed || files->heap_len == 0) {
      SourceStatus nothing = all_fed ? SOURCE_END : SOURCE_IDLE;
      return batch->count > 0 ? SOURCE_FRAMES : nothing;
    }
    Frame *frame = input_head(files, files->heap[0]);
    frame->input = (uint16_t) files->heap[0];
    if (accept_frame(source, frame)) {
      Frame *copy = frame_batch_add(batch);
      *copy = *frame;
      copy->data = batch->bytes + used;
      memcpy(batch->bytes + used, frame->data, frame->len);
      used += frame->len;
    }
    skip_first(files);
  }
  return SOURCE_FRAMES;
}

/* A capture that was live: the kernel has rejected what it should, and frames have their numbers
 * and those of their interfaces. */
static SourceStatus read_spool(Source *source, FrameBatch *batch)
{
  Files *files = source->input;
  SourceStatus status = capture_file_read(files->inputs[0].file, batch);

  source->frames += batch->count;
  for (size_t i = 0; i < batch->count; i++) {
    Frame *frame = &batch->frames[i];
    frame->matched = !source->filter || filter_judge_live(source->filter, frame);
  }
  return status;
}

typedef SourceStatus Read(Source *source, FrameBatch *batch);

/* Reads, notes the progress, and at the end what was wrong with the files. */
static SourceStatus read_with(Source *source, FrameBatch *batch, Read *read)
{
  const Files *files = source->input;
  bool is_over = source_is_stopped(source) || source->frames >= source->frames_max;
  SourceStatus status = is_over ? SOURCE_END : read(source, batch);
  uint64_t done = 0;

  for (unsigned i = 0; i < files->count; i++) {
    const CaptureFile *file = files->inputs[i].file;
    done += capture_file_done(file);
    if (status == SOURCE_END && capture_file_fault(file))
      g_ptr_array_add(source->faults, g_strdup(capture_file_fault(file)));
    char *note = status == SOURCE_END ? capture_file_note(file) : NULL;
    if (note)
      g_ptr_array_add(source->notes, note);
    if (status == SOURCE_END && capture_file_spool_fault(file))
      g_ptr_array_add(source->faults, g_strdup(capture_file_spool_fault(file)));
  }
  atomic_store_explicit(&source->bytes_done, done, memory_order_relaxed);
  return status;
}

static SourceStatus files_read(Source *source, FrameBatch *batch)
{
  const Files *files = source->input;

  return read_with(source, batch, files->count > 1 ? read_merged : read_one);
}

static SourceStatus spool_read(Source *source, FrameBatch *batch)
{
  return read_with(source, batch, read_spool);
}

static const char *files_name(const void *input, unsigned number)
{
  const Files *files = input;

  return capture_file_name(files->inputs[number].file);
}

static unsigned files_count(const void *input)
{
  return ((const Files *) input)->count;
}

/* --- Opening -------------------------------------------------------------------------------- */

static bool files_reopen(const Source *source, Source *again, GError **error)
{
  const Files *first = source->input;
  Files *files = files_new(first->count);

  again->ops = source->ops;
  again->input = files;
  for (unsigned i = 0; i < first->count && again->frames_max > 0; i++) {
    const CaptureFile *file = first->inputs[i].file;
    CaptureFileOptions options = file_options(again, capture_file_name(file), first->count);
    if (!files_add(files, capture_file_open_stored(options, capture_file_store(file), error)))
      return false;
  }
  again->bytes_total = bytes_total(files);
  return true;
}

static bool spool_reopen(const Source *source, Source *again, GError **error)
{
  const Files *files = source->input;
  unsigned store = files->count > 0 ? capture_file_store(files->inputs[0].file) : 0;

  return source_reopen_spool(again, store, files->end, error);
}

static const SourceOps FILES = {
  .read = files_read,
  .reopen = files_reopen,
  .name = files_name,
  .count = files_count,
  .free = files_free,
};

static const SourceOps SPOOL = {
  .read = spool_read,
  .reopen = spool_reopen,
  .name = files_name,
  .count = files_count,
  .free = files_free,
};

/* Each file needs two descriptors: the usual limit is soft, and meant for programs that use
 * select(2). */
static void raise_file_limit(unsigned count)
{
  enum { OTHERS = 64 };
  struct rlimit limit;
  rlim_t wanted = (rlim_t) count * 2 + OTHERS;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
    return;
  limit.rlim_cur = MIN(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

/* What was found need not be a capture; what was named must be. */
static bool open_input(Source *source, InputList *list, const InputName *input, GError **error)
{
  g_autoptr(GError) problem = NULL;
  CaptureFileOptions options = file_options(source, input->name, list->names->len);

  options.path = input->path;
  options.member = input->member;
  if (files_add(source->input, capture_file_open(options, &problem)))
    return true;
  if (input->is_found)
    input_list_note(list, input, problem);
  else
    g_propagate_error(error, g_steal_pointer(&problem));
  return input->is_found;
}

/* Is there one to be read?  What was found and is not read is said at the end, or now. */
static bool has_input(Source *source, const InputList *list, GError **error)
{
  g_autofree char *fault = input_list_fault(list), *other = input_list_other(list);

  if (((Files *) source->input)->count == 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_FORMAT,
                _("there is no capture in what was named%s%s%s%s"), fault ? ": " : "",
                fault ? fault : "", other ? "; " : "", other ? other : "");
    return false;
  }
  if (fault)
    g_ptr_array_add(source->faults, g_steal_pointer(&fault));
  if (other)
    g_ptr_array_add(source->notes, g_steal_pointer(&other));
  return true;
}

/* A pipe that was made for it has no name of its own. */
static void rename_input(const InputList *list, const char *name)
{
  InputName *input = list->names->len > 0 ? list->names->pdata[0] : NULL;

  if (!name || !input)
    return;
  input->path = input->path ? input->path : g_strdup(input->name);
  g_free(input->name);
  input->name = g_strdup(name);
}

bool source_open_files(Source *source, const SourceOptions *options, GError **error)
{
  g_autoptr(InputList) list = input_list_new();

  for (const char *const *name = options->files; *name; name++)
    if (!input_list_add(list, *name, source->recursive, error))
      return false;
  rename_input(list, options->name);
  raise_file_limit(list->names->len);
  Files *files = files_new(list->names->len);
  source->ops = &FILES;
  source->input = files;
  for (guint i = 0; i < list->names->len; i++)
    if (!open_input(source, list, list->names->pdata[i], error))
      return false;
  source->bytes_total = bytes_total(files);
  return has_input(source, list, error);
}

bool source_reopen_spool(Source *again, unsigned store, uint64_t end, GError **error)
{
  Files *files = files_new(1);
  CaptureFileOptions options = file_options(again, "live capture", 1);

  again->ops = &SPOOL;
  again->input = files;
  files->end = options.end = end;
  if (again->frames_max > 0 && !files_add(files, capture_file_open_stored(options, store, error)))
    return false;
  again->bytes_total = bytes_total(files);
  return true;
}
