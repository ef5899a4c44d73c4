/*
 * A folder in memory for the files of a fuzz target: made in the first run, emptied after each.
 * Temporary files are made there too.
 */
#pragma once

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

typedef struct {
  char *path; /* NULL before the first run */
  int folder, home;
} MemoryFolder;

/* Makes it the working folder. */
static inline void memory_folder_enter(MemoryFolder *self)
{
  if (!self->path) {
    bool memory = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR);
    self->path = g_strdup(memory ? "/dev/shm/rung-fuzz-XXXXXX" : "/tmp/rung-fuzz-XXXXXX");
    g_assert(g_mkdtemp(self->path) && g_setenv("TMPDIR", self->path, TRUE));
    self->folder = open(self->path, O_DIRECTORY | O_CLOEXEC);
    self->home = open(".", O_DIRECTORY | O_CLOEXEC);
  }
  g_assert(fchdir(self->folder) == 0);
}

static inline void memory_folder_write(const char *name, const uint8_t *data, size_t size)
{
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert(fd >= 0 && write(fd, data, size) == (ssize_t) size);
  close(fd);
}

/* Removes all files, and goes back. */
static inline void memory_folder_leave(const MemoryFolder *self)
{
  g_autoptr(GDir) dir = g_dir_open(".", 0, NULL);

  for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
    g_unlink(name);
  g_assert(fchdir(self->home) == 0);
}

static inline void memory_folder_clear(MemoryFolder *self)
{
  if (self->path)
    g_rmdir(self->path);
  g_clear_pointer(&self->path, g_free);
}
