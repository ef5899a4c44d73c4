#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/writer.h"
#include "dissect/trace/frame_picker.h"
#include "ui/signals.h"

static bool fail_open(const SaveFile *file, GError **error)
{
  if (errno == EEXIST)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s exists: use --force to write over it",
                file->name);
  else
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", file->name,
                g_strerror(errno));
  return false;
}

/* What is no regular file (a pipe, a device) is written to, not over. */
static bool is_special(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool open_named(const Options *options, SaveFile *file, GError **error)
{
  int may_exist = options->force || is_special(file->name) ? 0 : O_EXCL;
  struct stat status;

  file->fd = open(file->name, O_WRONLY | O_CREAT | O_CLOEXEC | may_exist, 0666);
  if (file->fd < 0)
    return fail_open(file, error);
  file->is_ours = true;
  file->is_file = fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode);
  return true;
}

bool save_file_open(const Options *options, SaveFile *ret_file, GError **error)
{
  SaveFile file = {.name = options->output, .fd = STDOUT_FILENO};

  if (strcmp(file.name, "-") != 0 && !open_named(options, &file, error))
    return false;
  if (isatty(file.fd)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                "a capture is nothing for a terminal: name a file with -w");
    if (file.is_ours)
      close(file.fd);
    return false;
  }
  if (!file.is_ours)
    file.name = "standard output";
  *ret_file = file;
  return true;
}

void save_file_discard(SaveFile *file)
{
  struct stat status;
  bool is_empty = file->is_file && fstat(file->fd, &status) == 0 && status.st_size == 0;

  if (file->is_ours)
    close(file->fd);
  if (file->is_ours && is_empty)
    unlink(file->name);
}

/* What a run works with. */
typedef struct {
  const SaveInput *input;
  StoreSet *stores;
  FramePicker *picker;
  Writer *writer;
  GByteArray *octets; /* of one frame */
} Save;

static bool write_frame(const Save *save, Frame *frame, GError **error)
{
  g_byte_array_set_size(save->octets, frame->len);
  if (!store_read(save->stores, frame->ref, save->octets->data, frame->len, error))
    return false;
  frame->data = save->octets->data;
  return writer_add(save->writer, frame, error);
}

static bool write_ready(const Save *save, GError **error)
{
  Frame frame;

  while (frame_picker_next(save->picker, &frame))
    if (!write_frame(save, &frame, error))
      return false;
  return true;
}

static bool write_all(const Save *save, Source *source, GError **error)
{
  FrameBatch batch = {0};
  bool ok = true;

  while (ok && source_read(source, &batch) != SOURCE_END) {
    for (size_t i = 0; i < batch.count; i++)
      frame_picker_feed(save->picker, &batch.frames[i]);
    frame_picker_expire(save->picker);
    ok = write_ready(save, error);
    if (ok && signals_came()) {
      g_set_error(error, APP_ERROR, APP_ERROR_IO, "interrupted before all packets were written");
      ok = false;
    }
    progress_update(save->input->progress, source_progress(source),
                    trace_counts(save->input->trace)->messages);
  }
  frame_batch_clear(&batch);
  frame_picker_end(save->picker);
  return ok && write_ready(save, error) && writer_finish(save->writer, error);
}

/* Those that are chosen; NULL when nothing was named, so all are, also those that had to go. */
static GHashTable *choose_calls(const SaveInput *input)
{
  if (!report_is_choosing(input->report))
    return NULL;
  GHashTable *calls = frame_choice_calls_new();
  for (size_t i = 0; i < trace_call_count(input->trace); i++) {
    const Call *call = report_call_at(input->report, i);
    if (call)
      frame_choice_add_call(calls, call);
  }
  return calls;
}

static MediaEnds *find_media(const SaveInput *input, GError **error)
{
  g_autoptr(MediaEnds) media = media_ends_new();

  for (size_t i = 0; i < trace_call_count(input->trace); i++) {
    const Call *call = report_call_at(input->report, i);
    if (call && !media_ends_add_call(media, call, input->stores, error))
      return NULL;
  }
  media_ends_sort(media);
  return g_steal_pointer(&media);
}

static const char **input_names(const Source *source)
{
  unsigned count = source_input_count(source);
  const char **names = g_new(const char *, count);

  for (unsigned i = 0; i < count; i++)
    names[i] = source_input_name(source, i);
  return names;
}

static bool save_calls(const SaveInput *input, const SaveFile *file, const MediaEnds *media,
                       GError **error)
{
  g_autoptr(GHashTable) calls = choose_calls(input);
  g_autofree const char **names = input_names(input->source);
  g_autoptr(Source) source = source_open_again(input->source, input->stores, error);
  g_autoptr(FramePicker) picker = frame_picker_new(
    &(FrameChoice){.calls = calls, .seed = input->seed, .media = media}, &LIMITS_DEFAULT);
  g_autoptr(Writer) writer = writer_new((WriterOptions){
    .fd = file->fd,
    .name = file->name,
    .format = writer_format_of(file->name),
    .inputs = names,
    .input_count = source_input_count(input->source),
  });
  g_autoptr(GByteArray) octets = g_byte_array_new();
  Save save = {input, input->stores, picker, writer, octets};

  return source && write_all(&save, source, error);
}

static bool find_and_save(const SaveInput *input, const SaveFile *file, GError **error)
{
  g_autoptr(MediaEnds) media = NULL;

  if (input->options->with_media) {
    media = find_media(input, error);
    if (!media)
      return false;
  }
  return save_calls(input, file, media, error);
}

static bool close_file(const SaveFile *file, GError **error)
{
  return !file->is_ours || close(file->fd) == 0 || fail_open(file, error);
}

bool save_run(const SaveInput *input, SaveFile *file, GError **error)
{
  bool ok;

  signals_hold();
  ok = !file->is_file || ftruncate(file->fd, 0) == 0 || fail_open(file, error);
  ok = ok && find_and_save(input, file, error);
  ok = close_file(file, ok ? error : NULL) && ok;
  progress_erase(input->progress);
  signals_release();
  if (!ok && file->is_ours && file->is_file && unlink(file->name) == 0)
    g_prefix_error(error, "%s was not written: ", file->name);
  return ok;
}
