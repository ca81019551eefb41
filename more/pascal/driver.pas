{ Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C. }
unit driver;

{$mode objfpc}{$H+}

interface

type
  TMatrix = array of Double;
  TMultiply = procedure(const a, b: TMatrix; var c: TMatrix; n, rows: SizeInt);

procedure Run(multiply: TMultiply);

implementation

uses Classes, SysUtils, Linux, UnixType;

function NowNs: Int64;
var
  now: TTimeSpec;
begin
  clock_gettime(CLOCK_MONOTONIC, @now);
  Result := Int64(now.tv_sec) * 1000000000 + now.tv_nsec;
end;

procedure Load(const path: string; var values: TMatrix; count: SizeInt);
var
  stream: TFileStream;
begin
  SetLength(values, count);
  stream := TFileStream.Create(path, fmOpenRead or fmShareDenyNone);
  stream.ReadBuffer(values[0], 8 * count);
  stream.Free;
end;

procedure Run(multiply: TMultiply);
var
  a, b, c: TMatrix;
  n, rows, rep: SizeInt;
  start: Int64;
  stream: TFileStream;
begin
  if ParamCount <> 7 then
    raise Exception.Create('usage: A B C n rows threads reps');
  n := StrToInt(ParamStr(4));
  rows := StrToInt(ParamStr(5));
  Load(ParamStr(1), a, rows * n);
  Load(ParamStr(2), b, n * n);
  SetLength(c, rows * n);
  for rep := 1 to StrToInt(ParamStr(7)) do
  begin
    start := NowNs;
    multiply(a, b, c, n, rows);
    WriteLn(NowNs - start + 1);
  end;
  stream := TFileStream.Create(ParamStr(3), fmCreate);
  stream.WriteBuffer(c[0], 8 * rows * n);
  stream.Free;
end;

end.
