SELECT; -- its tables
