"""every minute → files of whole segments that were asked for are written into object storage"""

from functions.members.exporting import export_segments
from shared import entry

handler = entry.timer(export_segments)
