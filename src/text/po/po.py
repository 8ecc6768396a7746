"""Reads the .po files beside it: as much of GNU gettext's format as they use."""
import re
from collections import namedtuple

# plural: the English and the text of more than one; None where a text has no plural.
Entry = namedtuple('Entry', 'key english text plural')

LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr|msgstr\[0\]|msgstr\[1\]) )?"((?:[^"\\]|\\.)*)"$')
ESCAPES = {'n': '\n', 't': '\t', '"': '"', '\\': '\\'}


def unescape(text):
    return re.sub(r'\\(.)', lambda found: ESCAPES[found[1]], text)


def entry_of(words, where):
    plural = None
    if 'msgid_plural' in words:
        plural = (words['msgid_plural'], words.get('msgstr[1]', ''))
    text = words.get('msgstr[0]' if plural else 'msgstr', '')
    if not words.get('msgctxt') or not words.get('msgid'):
        raise SystemExit(f'{where}: an entry needs msgctxt and msgid')
    return Entry(words['msgctxt'], words['msgid'], text, plural)


def read(path):
    """The entries of a file, its header left out."""
    entries = []
    for number, block in enumerate(re.split(r'\n\s*\n', path.read_text(encoding='utf-8').strip())):
        words, word = {}, None
        for line in block.splitlines():
            if line.startswith('#'):
                continue
            found = LINE.match(line)
            word = found and (found[1] or word)
            if not word:
                raise SystemExit(f'{path}: not understood: {line}')
            words[word] = words.get(word, '') + unescape(found[2])
        if number and words:
            entries.append(entry_of(words, path))
    return entries
