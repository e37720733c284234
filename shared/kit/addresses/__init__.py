"""Outside addresses that people enter: which URLs and which networks a request may go to."""
