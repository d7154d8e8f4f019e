"""What a disk may hold after the power went: made from the record of a folder's changes (tests/support/fault_disk).

The model: bytes of a file are on the disk once the file is synced; later writes may be there or not, each by itself and in whole sectors. A name (made,
renamed or removed) is on the disk once its folder is synced; later changes of one folder may be there up to some point, in their order. At random nothing
that was not synced is there, or all of it, or some.
"""
import os
import pathlib

SECTOR = 512


def records(log):
    """(kind, offset, data, path, target) of each change."""
    data = pathlib.Path(log).read_bytes()
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        _, kind, offset, length, names = data[at:end].decode().split(" ", 4)
        path, _, target = names.partition("\t")
        at = end + 1 + int(length)
        yield kind, int(offset), data[end + 1 : at], path, target


class File:
    def __init__(self):
        self.durable, self.pending = b"", []  # pending: (offset, bytes), or (length, None) for a cut

    def content(self, chosen):
        held = bytearray(self.durable)
        for (offset, data), is_there in zip(self.pending, chosen):
            if not is_there:
                continue
            if data is None:
                del held[offset:]
                held.extend(bytes(max(0, offset - len(held))))
            else:
                held.extend(bytes(max(0, offset + len(data) - len(held))))
                held[offset : offset + len(data)] = data
        return bytes(held)

    def sync(self):
        self.durable, self.pending = self.content([True] * len(self.pending)), []


class Folder:
    def __init__(self):
        self.now, self.durable, self.pending = {}, {}, []  # pending: dictionaries of names changed together; None: gone

    def change(self, names):
        self.pending.append(names)
        apply(self.now, names)

    def sync(self):
        for names in self.pending:
            apply(self.durable, names)
        self.pending = []


def apply(entries, names):
    for name, node in names.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


class Disk:
    """The folder at `root` and its changes so far."""

    def __init__(self, root):
        self.root, self.top = os.path.dirname(root), Folder()

    def parent_of(self, path):
        node = self.top
        parts = os.path.relpath(path, self.root).split("/")
        for part in parts[:-1]:
            node = node.now[part]
        return node, parts[-1]

    def node(self, path):
        if path == self.root:
            return self.top
        parent, name = self.parent_of(path)
        return parent.now.get(name)

    def change(self, kind, offset, data, path, target):
        if kind == "sync" or kind in ("write", "cut", "clear"):
            node = self.node(path)
            if node is None:
                return  # a file that was removed while it was open
            if kind == "sync":
                node.sync()
            else:
                node.pending.append((offset, data if kind == "write" else None))
            return
        parent, name = self.parent_of(path)
        if kind == "create":
            parent.change({name: File()})
        elif kind == "mkdir":
            parent.change({name: Folder()})
            if parent is self.top:
                parent.sync()  # what lies around the folder is not recorded
        elif kind == "unlink":
            parent.change({name: None})
        elif kind == "rename":
            other, new = self.parent_of(target)
            assert other is parent, "the model knows renames inside a folder"
            parent.change({name: None, new: parent.now[name]})

    def write_to(self, place, rng):
        """Puts one state that the disk may be in below `place`."""
        share = rng.choice((0.0, 1.0, rng.random()))
        pick = lambda: rng.random() < share
        def put(node, path):
            if isinstance(node, File):
                chosen = [pick() for _ in node.pending]
                path.write_bytes(torn(node, chosen, rng) if share not in (0.0, 1.0) else node.content(chosen))
                return
            path.mkdir(exist_ok=True)
            entries = dict(node.durable)
            for names in node.pending[: round(share * len(node.pending))]:
                apply(entries, names)
            for name, child in entries.items():
                put(child, path / name)
        put(self.top, place)


def torn(node, chosen, rng):
    """As content(), with the last write that is there cut at a sector."""
    for i in reversed(range(len(chosen))):
        offset, data = node.pending[i]
        if chosen[i] and data is not None and len(data) > SECTOR:
            cut = SECTOR * rng.randint(0, len(data) // SECTOR)
            node.pending[i] = (offset, data[:cut])
            content = node.content(chosen)
            node.pending[i] = (offset, data)
            return content
    return node.content(chosen)


def rebuild(log, recorded_in, place, at, rng):
    """Makes the state after `at` changes below `place`. Returns the epoch of the newest checkpoint that was promised by then: whose folder's
    name was synced; -1: none."""
    disk = Disk(str(recorded_in / "w"))
    promised, renamed = -1, None
    for number, (kind, offset, data, path, target) in enumerate(records(log), 1):
        if number > at:
            break
        disk.change(kind, offset, data, path, target)
        name = os.path.basename(target)
        if kind == "rename" and os.path.basename(os.path.dirname(target)) == "checkpoints" and name.startswith("e"):
            renamed = int(name[1:])
        if kind == "sync" and path.endswith("/checkpoints") and renamed is not None:
            promised = renamed
    disk.write_to(place, rng)
    return promised
