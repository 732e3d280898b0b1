"""Videos that a data set names but cannot hand out: fetched by their ids, cut, recorded."""
