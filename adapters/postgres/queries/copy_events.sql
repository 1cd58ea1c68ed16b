COPY events ({columns}) FROM STDIN (FORMAT BINARY)
