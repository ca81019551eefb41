;;; Started as: program A B C n rows threads reps. Reads A and B, times (multiply a b c n rows) reps times, writes C.
(require :sb-posix)

(deftype matrix () '(simple-array double-float (*)))
(declaim (optimize (speed 3) (safety 0) (debug 0)) (sb-ext:muffle-conditions sb-ext:compiler-note))

(defun transfer (path values direction)
  "Read or write all of VALUES as they lie in memory: little-endian doubles on the machines that SBCL runs on."
  (let* ((flags (if (eq direction :in) sb-posix:o-rdonly (logior sb-posix:o-wronly sb-posix:o-creat sb-posix:o-trunc)))
         (file (sb-posix:open path flags #o644))
         (length (* 8 (length (the matrix values)))))
    (declare (fixnum length))
    (sb-sys:with-pinned-objects (values)
      (loop with done fixnum = 0
            while (< done length)
            do (let* ((place (sb-sys:sap+ (sb-sys:vector-sap (the matrix values)) done))
                      (left (min (- length done) (expt 2 30)))
                      (count (if (eq direction :in) (sb-posix:read file place left) (sb-posix:write file place left))))
                 (declare (fixnum left count))
                 (when (<= count 0) (error "~a: too short" path))
                 (incf done count))))
    (sb-posix:close file)))

(defun load-matrix (path count)
  (let ((values (make-array count :element-type 'double-float)))
    (transfer path values :in)
    values))

(defun now-ns ()
  (multiple-value-bind (seconds ns) (sb-unix::clock-gettime 1) ; CLOCK_MONOTONIC
    (declare (fixnum seconds ns))
    (+ (* seconds 1000000000) ns)))

(defun main ()
  (handler-case
      (destructuring-bind (a-path b-path c-path &rest numbers) (rest sb-ext:*posix-argv*)
        (destructuring-bind (n rows threads reps) (mapcar #'parse-integer numbers)
          (declare (fixnum n rows reps) (ignore threads))
          (let ((a (load-matrix a-path (* rows n)))
                (b (load-matrix b-path (* n n)))
                (c (make-array (* rows n) :element-type 'double-float)))
            (dotimes (rep reps)
              (let ((start (now-ns)))
                (declare (fixnum start))
                (multiply a b c n rows)
                (format t "~d~%" (max 1 (the fixnum (- (the fixnum (now-ns)) start))))))
            (finish-output)
            (transfer c-path c :out))))
    (error (condition)
      (format *error-output* "~a~%" condition)
      (sb-ext:exit :code 1 :abort t))))

(defun save (path)
  (sb-ext:save-lisp-and-die path :toplevel (lambda () (main) (sb-ext:exit)) :executable t :save-runtime-options t))
